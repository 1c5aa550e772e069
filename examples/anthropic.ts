import Anthropic from '@anthropic-ai/sdk'
import { ARouter, retrySafe, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** Anthropic's SDK on a wallet. The key it insists on is not sent. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const anthropic = new Anthropic({ baseURL, apiKey: 'unused', fetch: retrySafe(client) })

  const request = {
    model: 'anthropic/claude-sonnet-4',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: 'Hello' }],
  }
  const { content } = await anthropic.messages.create(request)
  const streamed = await anthropic.messages.stream(request).finalText()
  return {
    answers: [content.map((block) => block.type === 'text' && block.text).join(''), streamed],
  }
}
