import { jsonChunks } from '../chunks'
import { streamFailed } from '../streamFailed'
import { type Connection, type RequestOptions, request, requestJson } from './request'
import type { ChatCompletionChunk, ChatCompletionRequest, ChatCompletionResponse } from './types'

const PATH = '/v1/chat/completions'

/** `POST /v1/chat/completions`, answered whole. */
export function chatCompletion(
  connection: Connection,
  body: ChatCompletionRequest,
  options: RequestOptions = {},
): Promise<ChatCompletionResponse> {
  return requestJson(connection, 'POST', PATH, { ...body, stream: false }, options)
}

/**
 * `POST /v1/chat/completions`, answered in events. Nothing is sent before the first one is asked
 * for; leaving the loop closes the connection.
 * @throws StreamError where the stream breaks, reports an error, or ends without `[DONE]`.
 */
export async function* chatCompletionStream(
  connection: Connection,
  body: ChatCompletionRequest,
  options: RequestOptions = {},
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const response = await request(connection, 'POST', PATH, { ...body, stream: true }, options)
  if (!response.body) throw streamFailed(new TypeError('the answer has no body'), response)
  const { signal } = options
  const bounds = { idleTimeout: options.timeout ?? connection.timeout, ...(signal && { signal }) }
  try {
    yield* jsonChunks<ChatCompletionChunk>(response.body, bounds)
  } catch (cause) {
    throw streamFailed(cause, response)
  }
}
