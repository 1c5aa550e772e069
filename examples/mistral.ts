import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** Mistral's SDK on a wallet: it has no key to send. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const mistral = new Mistral({
    serverURL: baseURL,
    httpClient: new HTTPClient({ fetcher: client.fetch }),
  })

  const request = {
    model: 'openai/gpt-4o',
    messages: [{ role: 'user' as const, content: 'Hello' }],
  }
  const { choices } = await mistral.chat.complete(request)
  let streamed = ''
  for await (const { data } of await mistral.chat.stream(request)) {
    streamed += data.choices[0]?.delta.content ?? ''
  }
  return { answers: [choices?.[0]?.message?.content, streamed] }
}
