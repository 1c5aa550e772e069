import {
  createOpenAICompatible,
  type MetadataExtractor,
  type OpenAICompatibleProvider,
  type OpenAICompatibleProviderSettings,
} from '@ai-sdk/openai-compatible'
import type { ARouter } from '@arouter/sdk'

/** Models of the gateway by id: called, a chat model; and `embeddingModel`, `completionModel`, ... */
export type ARouterProvider = OpenAICompatibleProvider

/** What the provider may be told besides how it reaches the gateway. */
export type ARouterProviderOptions = Pick<
  OpenAICompatibleProviderSettings,
  'headers' | 'queryParams' | 'transformRequestBody'
>

/**
 * A provider of the Vercel AI SDK over `client`: its models answer through `client.fetch`, paid for
 * as `client` pays. `providerMetadata.arouter.cost` of an answer is what it cost, in USD.
 * @throws as `client.fetch` does, from the functions of the AI SDK.
 */
export function createARouter(
  client: Pick<ARouter, 'baseURL' | 'fetch'>,
  options: ARouterProviderOptions = {},
): ARouterProvider {
  return createOpenAICompatible({
    ...options,
    name: 'arouter',
    baseURL: `${client.baseURL}/v1`,
    fetch: client.fetch,
    includeUsage: true,
    supportsStructuredOutputs: true,
    metadataExtractor: costs,
  })
}

const costs: MetadataExtractor = {
  extractMetadata: async ({ parsedBody }) => metadataOf(parsedBody),
  createStreamExtractor: () => {
    let found: ReturnType<typeof metadataOf>
    return {
      processChunk: (chunk) => {
        found = metadataOf(chunk) ?? found
      },
      buildMetadata: () => found,
    }
  },
}

function metadataOf(body: unknown) {
  const cost = memberOf(memberOf(body, 'usage'), 'cost')
  return typeof cost === 'number' ? { arouter: { cost } } : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
