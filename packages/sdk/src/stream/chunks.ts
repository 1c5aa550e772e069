import { parseBounded } from '../parseBounded'
import { type EventBounds, eventParser, type ServerSentEvent } from './eventParser'
import { type BodyBounds, type ItemDecoder, readItems } from './readItems'
import { SseError } from './SseError'

/** Bounds on reading a stream of events. */
export type StreamBounds = BodyBounds & EventBounds

const END_MARK = '[DONE]'

/**
 * The JSON objects of an OpenAI-style stream, up to its `[DONE]`. Leaving the loop closes the
 * connection; after `[DONE]` it is kept for the next request. A stream of another style may end as
 * soon as an object of it `isLast`. Members are not checked against `T`.
 * @throws SseError `error_event` with the error in `detail`, `malformed_json`, `truncated`, `stalled`,
 * `too_long`, `reset`, `aborted`.
 */
export function jsonChunks<T extends object>(
  body: ReadableStream<Uint8Array>,
  bounds: StreamBounds,
  isLast?: (value: T) => boolean,
): AsyncGenerator<T, void, undefined> {
  return readItems(body, bounds, chunkDecoder<T>(eventParser(bounds), isLast))
}

function chunkDecoder<T extends object>(
  events: ItemDecoder<ServerSentEvent>,
  isLast: ((value: T) => boolean) | undefined,
): ItemDecoder<T> {
  let finished = false
  let mayEnd = false
  return {
    feed: events.feed,
    next: () => {
      for (let event = events.next(); event !== undefined; event = events.next()) {
        if (event.data.startsWith(END_MARK)) {
          finished = true
          return undefined
        }
        // An event without data is a sign of life and carries nothing that could be lost.
        if (event.data === '') continue
        const value = parse<T>(event)
        mayEnd ||= isLast?.(value) ?? false
        return value
      }
      return undefined
    },
    finished: () => finished,
    end: () => {
      if (mayEnd) return
      throw new SseError('truncated', 'The stream ended without its last event.')
    },
  }
}

function parse<T extends object>({ event, data }: ServerSentEvent): T {
  let value: unknown
  try {
    value = parseBounded(data)
  } catch (cause) {
    if (event === 'error') throw reported(data)
    throw new SseError(
      'malformed_json',
      'An event of the stream is no JSON, or nested too deeply.',
      { cause },
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (event === 'error') throw reported(value)
    throw new SseError('malformed_json', 'An event of the stream is no JSON object.')
  }
  const error = 'error' in value ? value.error : undefined
  if (error || event === 'error') throw reported(error ?? value)
  return value as T
}

function reported(detail: unknown): SseError {
  return new SseError('error_event', 'The stream reported an error.', { detail })
}
