import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { openAIOptions } from '@arouter/sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** LangChain on a wallet: `ChatOpenAI` with the client's configuration. */
export async function run(baseURL: string) {
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL, apiKey: '' }), account)
  const model = new ChatOpenAI({
    model: 'openai/gpt-4o',
    configuration: openAIOptions(client),
  })

  const { text } = await model.invoke('Hello')
  let streamed = ''
  for await (const chunk of await model.stream('Hello')) streamed += chunk.text
  return { answers: [text, streamed] }
}
