import { loadApi } from './loadApi'
import type { Connection, RequestOptions } from './request'
import type { ChatCompletionChunk, ChatCompletionResponse } from './types'

const PATH = '/v1/chat/completions'
/** MiniMax's own form, which is OpenAI's with a little more. */
export const MINIMAX_PATH = '/v1/text/chatcompletion_v2'

/** `POST /v1/chat/completions`, or to another `path` that takes the same, answered whole. */
export async function chatCompletion(
  connection: Connection,
  body: object,
  options: RequestOptions = {},
  path = PATH,
): Promise<ChatCompletionResponse> {
  const { requestJson } = await loadApi()
  return requestJson(connection, 'POST', path, { ...body, stream: false }, options)
}

/**
 * `POST /v1/chat/completions`, answered in events. Nothing is sent before the first one is asked
 * for; leaving the loop closes the connection.
 * @throws StreamError where the stream breaks, reports an error, or ends without `[DONE]`.
 */
export async function* chatCompletionStream(
  connection: Connection,
  body: object,
  options: RequestOptions = {},
  path = PATH,
): AsyncGenerator<ChatCompletionChunk, void, undefined> {
  const { readChunks, request, streamBounds } = await loadApi()
  const answer = await request(connection, 'POST', path, { ...body, stream: true }, options)
  yield* readChunks<ChatCompletionChunk>(answer, streamBounds(connection, options))
}
