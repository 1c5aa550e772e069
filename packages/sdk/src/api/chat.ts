import { loadApi } from './loadApi'
import type { Connection, RequestOptions } from './request'
import type { ChatCompletionChunk, ChatCompletionFields, ChatCompletionResponse } from './types'

const PATH = '/v1/chat/completions'

/** `POST /v1/chat/completions`, answered whole. */
export async function chatCompletion(
  connection: Connection,
  body: ChatCompletionFields,
  options: RequestOptions = {},
): Promise<ChatCompletionResponse> {
  const { requestJson } = await loadApi()
  return requestJson(connection, 'POST', PATH, { ...body, stream: false }, options)
}

/**
 * `POST /v1/chat/completions`, answered in events. Nothing is sent before the first one is asked
 * for; leaving the loop closes the connection.
 * @throws StreamError where the stream breaks, reports an error, or ends without `[DONE]`.
 */
export async function* chatCompletionStream(
  connection: Connection,
  body: ChatCompletionFields,
  options: RequestOptions = {},
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const { readChunks, request, streamBounds } = await loadApi()
  const answer = await request(connection, 'POST', PATH, { ...body, stream: true }, options)
  yield* readChunks<ChatCompletionChunk>(answer, streamBounds(connection, options))
}
