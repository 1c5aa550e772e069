import { loadPart } from '../loadPart'
import type { Connection, RequestOptions } from './request'
import type { ChatCompletionChunk, ChatCompletionFields, ChatCompletionResponse } from './types'

const PATH = '/v1/chat/completions'

/** `POST /v1/chat/completions`, answered whole. */
export async function chatCompletion(
  connection: Connection,
  body: ChatCompletionFields,
  options: RequestOptions = {},
): Promise<ChatCompletionResponse> {
  const { requestJson } = await requests()
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
  // Not everyone streams, so the parser is a chunk of its own.
  const { readChunks } = await loadPart(() => import('../stream/readChunks'))
  const { request, streamBounds } = await requests()
  const answer = await request(connection, 'POST', PATH, { ...body, stream: true }, options)
  yield* readChunks<ChatCompletionChunk>(answer, streamBounds(connection, options))
}

let loaded: typeof import('./request') | undefined

// Not everyone uses these methods rather than `fetch`. Kept, since an import takes its time each time.
async function requests() {
  loaded ??= await loadPart(() => import('./request'))
  return loaded
}
