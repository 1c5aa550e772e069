import type { ItemDecoder } from './readItems'
import { SseError } from './SseError'
import { utf8Decoder } from './utf8'

/** An event as dispatched by the HTML Standard, 9.2.6 "Interpreting an event stream". */
export type ServerSentEvent = {
  /** Its type; `message` where the stream names none. */
  readonly event: string
  readonly data: string
  /** The last id the stream has named up to here, or the empty string. */
  readonly id: string
}

/** Bounds on what the other side may make us hold. */
export type EventBounds = {
  /** UTF-16 code units in a line; 1 Mi unless given. */
  readonly maxLine?: number | undefined
  /** UTF-16 code units in the data of one event; 4 Mi unless given. */
  readonly maxEvent?: number | undefined
}

const MAX_LINE = 1_048_576
const MAX_EVENT = 4_194_304
const LF = 10
const SPACE = 32

/**
 * A parser at the start of a stream; its `next` throws SseError `too_long`. An event without its
 * empty line is dropped at the end. `retry` is ignored, as nothing here reconnects.
 */
export function eventParser(bounds: EventBounds): ItemDecoder<ServerSentEvent> {
  const { maxLine = MAX_LINE, maxEvent = MAX_EVENT } = bounds
  const decode = utf8Decoder()
  let text = ''
  let at = 0
  let afterCr = false
  let partial = ''
  let event = ''
  let data: string | undefined
  let id = ''

  // Every line ending becomes LF. A CR ends its line at once, even if a LF may follow.
  const normalise = (piece: string) => {
    const rest = afterCr && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') afterCr = piece.endsWith('\r')
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest
  }

  const checkLine = (length: number) => {
    if (length > maxLine) throw new SseError('too_long', `A line has over ${maxLine} characters.`)
  }

  const append = (value: string) => {
    const joined = data === undefined ? value : `${data}\n${value}`
    if (joined.length > maxEvent) {
      throw new SseError('too_long', `An event has over ${maxEvent} characters.`)
    }
    data = joined
  }

  const field = (line: string) => {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const start = line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1
    const value = colon < 0 ? '' : line.slice(start)
    if (name === 'data') append(value)
    else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) id = value
  }

  const dispatch = (): ServerSentEvent | undefined => {
    const dispatched = data === undefined ? undefined : { event: event || 'message', data, id }
    event = ''
    data = undefined
    return dispatched
  }

  const next = () => {
    for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
      checkLine(partial.length + end - at)
      const start = at
      at = end + 1
      // Nearly all events of an LLM are one line of data and an empty one.
      if (partial === '' && text.startsWith('data: ', start) && text.charCodeAt(at) === LF) {
        append(text.slice(start + 6, end))
        at++
        return dispatch()
      }
      const line = partial + text.slice(start, end)
      partial = ''
      if (line !== '') field(line)
      else if (data !== undefined) return dispatch()
      else event = ''
    }
    partial += text.slice(at)
    text = ''
    at = 0
    checkLine(partial.length)
    return undefined
  }

  return {
    feed: (bytes) => {
      text = normalise(decode(bytes))
    },
    next,
    finished: () => false,
    end: () => undefined,
  }
}
