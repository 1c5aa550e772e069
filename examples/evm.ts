import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** An EVM wallet with no account and no key gets an answer: it signs in, pays $1, and is served. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)

  const { choices } = await client.chatCompletion({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  const [payment] = await client.payments.list()
  return { answer: choices[0]?.message.content, paid: payment?.amount }
}
