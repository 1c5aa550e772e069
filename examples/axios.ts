import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import axios from 'axios'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** `axios` on a wallet: its fetch adapter takes the client's `fetch`. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const api = axios.create({
    baseURL: client.baseURL,
    adapter: 'fetch',
    env: { fetch: client.fetch },
  })

  const { data } = await api.post('/v1/chat/completions', {
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: data.choices[0].message.content }
}
