import type { ARouterError } from '../errors'
import { jsonChunks, type StreamBounds } from './chunks'
import { streamFailed } from './streamFailed'

/** A streamed answer, unread, and what errors about it must say and not quote. */
export type StreamedAnswer = {
  readonly response: Response
  readonly honest: (error: ARouterError) => ARouterError
  readonly secrets: () => readonly string[]
}

/**
 * The JSON objects of a streamed answer, up to its `[DONE]` or to its end after one that `isLast`.
 * Members are not checked against `T`.
 * @throws StreamError.
 */
export async function* readChunks<T extends object>(
  { response, honest, secrets }: StreamedAnswer,
  bounds: StreamBounds,
  isLast?: (value: T) => boolean,
): AsyncGenerator<T, void, undefined> {
  try {
    if (!response.body) throw new TypeError('the answer has no body')
    yield* jsonChunks<T>(response.body, bounds, isLast)
  } catch (cause) {
    throw honest(streamFailed(cause, response, secrets()))
  }
}
