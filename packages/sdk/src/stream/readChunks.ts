import type { ARouterError } from '../errors'
import { jsonChunks, type StreamBounds } from './chunks'
import { streamFailed } from './streamFailed'

/**
 * The JSON objects of a streamed answer, up to its `[DONE]`. Members are not checked against `T`.
 * `onFailure` may put the error in its context.
 * @throws StreamError.
 */
export async function* readChunks<T extends object>(
  response: Response,
  bounds: StreamBounds,
  onFailure: (error: ARouterError) => ARouterError,
): AsyncGenerator<T, void, undefined> {
  try {
    if (!response.body) throw new TypeError('the answer has no body')
    yield* jsonChunks<T>(response.body, bounds)
  } catch (cause) {
    throw onFailure(streamFailed(cause, response))
  }
}
