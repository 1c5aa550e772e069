import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { createOpenAI } from '@arouter/sdk/openai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** The `openai` package on a wallet: it has no key to send. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const openai = createOpenAI(client)

  const { choices } = await openai.chat.completions.create({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: choices[0]?.message.content }
}
