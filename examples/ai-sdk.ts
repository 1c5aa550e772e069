import { createARouter } from '@arouter/ai-sdk'
import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { embed, generateText, streamText } from 'ai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** The Vercel AI SDK on a wallet: answers whole and streamed, and embeddings, on one payment. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const arouter = createARouter(client)

  const whole = await generateText({ model: arouter('openai/gpt-4o'), prompt: 'Hello' })
  const streamed = streamText({ model: arouter('openai/gpt-4o'), prompt: 'Hello' })
  const { embedding } = await embed({
    model: arouter.embeddingModel('openai/text-embedding-3-small'),
    value: 'Hello',
  })
  return {
    answers: [whole.text, await streamed.text],
    cost: whole.providerMetadata?.arouter?.cost, // USD
    dimensions: embedding.length,
  }
}
