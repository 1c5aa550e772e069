import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { GoogleGenAI } from '@google/genai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** Google's Gemini SDK on a wallet. The key it insists on is not sent. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const ai = new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl: baseURL } })
  // It takes no fetch; all it sends goes through this one method of its (1.50).
  Reflect.set(Reflect.get(ai, 'apiClient'), 'apiCall', client.fetch)

  const request = { model: 'gemini-2.5-flash', contents: 'Hello' }
  const { text } = await ai.models.generateContent(request)
  let streamed = ''
  for await (const chunk of await ai.models.generateContentStream(request)) {
    streamed += chunk.text ?? ''
  }
  return { answers: [text, streamed] }
}
