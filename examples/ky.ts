import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import ky from 'ky'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** `ky` on a wallet. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const api = ky.create({ prefixUrl: client.baseURL, fetch: client.fetch, retry: 0 })

  const json = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }
  const { choices } = await api
    .post<{ choices: { message: { content: string } }[] }>('v1/chat/completions', { json })
    .json()
  return { answer: choices[0]?.message.content }
}
