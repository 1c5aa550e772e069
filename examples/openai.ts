import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import OpenAI from 'openai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** The `openai` package on a wallet: the SDK is its fetch. Its API key is not sent. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const { fetch } = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const openai = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey: 'unused', fetch })

  const { choices } = await openai.chat.completions.create({
    model: 'openai/gpt-4o',
    messages: [{ role: 'user', content: 'Hello' }],
  })
  return { answer: choices[0]?.message.content }
}
