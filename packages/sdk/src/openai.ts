import { type ClientOptions, OpenAI } from 'openai'
import type { ARouter } from './ARouter'
import { retrySafe } from './retrySafe'

/** What the `openai` package may be told besides how it reaches the gateway. */
export type OpenAIOptions = Omit<ClientOptions, keyof ReturnType<typeof openAIOptions>> &
  Pick<ClientOptions, 'maxRetries'>

/**
 * What makes the `openai` package, or a library around it, a client of the same gateway as `client`,
 * with the same wallet or key. No credential of its own is sent. Its retries are those of `client`,
 * which share one budget and never send a payment twice; with `maxRetries` it makes more.
 */
export function openAIOptions(client: Pick<ARouter, 'baseURL' | 'fetch'>) {
  const fetch = retrySafe(client)
  return {
    baseURL: `${client.baseURL}/v1`,
    apiKey: 'unused', // It insists on one.
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    // There is no key here that a page could give away.
    dangerouslyAllowBrowser: true,
    fetch: (input: string | URL | Request, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.delete('authorization')
      return fetch(input, { ...init, headers })
    },
  } satisfies ClientOptions
}

/**
 * The `openai` package over `client`: every resource, streams and tools, paid for as `client` pays.
 * One call makes at most one payment, however often the package sends it. A failure that must not be
 * tried again is an `APIError` with the `code` of the SDK's error.
 */
export function createOpenAI(
  client: Pick<ARouter, 'baseURL' | 'fetch'>,
  options: OpenAIOptions = {},
): OpenAI {
  return new OpenAI({ ...openAIOptions(client), ...options })
}
