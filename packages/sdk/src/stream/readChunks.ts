import type { ARouterError } from '../errors'
import { jsonChunks, type StreamBounds } from './chunks'
import { streamFailed } from './streamFailed'

/** A streamed answer, unread, and what errors about it must say and not quote. */
export type StreamedAnswer = {
  readonly response: Response
  readonly honest: (error: ARouterError) => ARouterError
  readonly secrets: () => readonly string[]
  /** Puts the answer's bill on what was read of it. */
  readonly billed: <T>(value: T) => T
}

/**
 * The JSON objects of a streamed answer, up to its `[DONE]` or to its end after one that `isLast`.
 * The bill is on the first, and on those that tell of usage. Members are not checked against `T`.
 * @throws StreamError.
 */
export async function* readChunks<T extends object>(
  { response, honest, secrets, billed }: StreamedAnswer,
  bounds: StreamBounds,
  isLast?: (value: T) => boolean,
): AsyncGenerator<T, void, undefined> {
  try {
    if (!response.body) throw new TypeError('the answer has no body')
    let isFirst = true
    for await (const chunk of jsonChunks<T>(response.body, bounds, isLast)) {
      yield isFirst || 'usage' in chunk ? billed(chunk) : chunk
      isFirst = false
    }
  } catch (cause) {
    throw honest(streamFailed(cause, response, secrets()))
  }
}
