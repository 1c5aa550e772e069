import { type EventBounds, eventParser, type ServerSentEvent } from './eventParser'
import { type BodyBounds, readItems } from './readItems'

/** Bounds on reading a stream of events. */
export type StreamBounds = BodyBounds & EventBounds

/**
 * The server-sent events of a body. Leaving the loop closes its connection.
 * @throws SseError `stalled`, `too_long`, `reset`, `aborted`.
 */
export function readEvents(
  body: ReadableStream<Uint8Array>,
  bounds: StreamBounds,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  return readItems(body, bounds, eventParser(bounds))
}
