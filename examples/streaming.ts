import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** An answer as it is written. Leaving the loop closes the connection; so does the signal. */
export async function run(baseURL: string, signal?: AbortSignal) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)

  const stream = client.chatCompletionStream(
    {
      model: 'arouter/long',
      messages: [{ role: 'user', content: 'Count' }],
      max_tokens: 20,
      stream_options: { include_usage: true },
    },
    signal ? { signal } : {},
  )
  let text = ''
  let tokens = 0
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? ''
    tokens = usage?.completion_tokens ?? tokens
  }
  return { text, tokens }
}
