import { ARouter, isARouterError } from '@arouter/sdk'

/** An API key and no wallet: never signs, never pays; without balance it is a typed error. */
export async function run(baseURL: string, apiKey: string) {
  const client = new ARouter({ baseURL, apiKey })
  const { data: models } = await client.listModels()

  try {
    const { choices } = await client.chatCompletion({
      model: 'openai/gpt-4o-mini',
      messages: [{ role: 'user', content: 'Hello' }],
    })
    return { models: models.length, answer: choices[0]?.message.content }
  } catch (error) {
    if (!isARouterError(error, 'quota_exceeded')) throw error
    return { models: models.length, answer: `Add credit to this key (${error.statusCode}).` }
  }
}
