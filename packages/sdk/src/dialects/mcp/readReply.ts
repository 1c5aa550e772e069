import { type JsonObject, parseObject } from '../../encoding'
import { eventParser } from '../../stream/eventParser'

/** Bytes of an answer that are looked at: terms and their receipts are small. */
const MOST_BYTES = 256 * 1024

/** Given the next piece, or undefined at the end: the message that was sought, once it is whole. */
type Seek = (piece: Uint8Array | undefined) => string | undefined

/**
 * The reply to the call `id`, where an answer begins with it, and the answer whole. A stream that begins
 * with something else (progress, a question to the client) is not waited for.
 */
export async function readReply(
  answer: Response,
  id: unknown,
): Promise<{ readonly reply: JsonObject | undefined; readonly response: Response }> {
  const { body, status, statusText } = answer
  const seek = seekIn(answer.headers.get('content-type') ?? '')
  if (!body || !seek) return { reply: undefined, response: answer }
  const reader = body.getReader()
  const pieces: Uint8Array[] = []
  let text: string | undefined
  let size = 0
  while (text === undefined && size < MOST_BYTES) {
    const { done, value } = await reader.read()
    text = seek(value)
    if (done) break
    pieces.push(value)
    size += value.byteLength
  }
  const headers = new Headers(answer.headers)
  // Of the body as it came, which has been decoded since.
  for (const name of ['content-encoding', 'content-length']) headers.delete(name)
  const reply = text === undefined ? undefined : parseObject(text)
  return {
    reply: reply?.id === id ? reply : undefined,
    response: new Response(replay(pieces, reader), { status, statusText, headers }),
  }
}

function seekIn(contentType: string): Seek | undefined {
  if (/^text\/event-stream/i.test(contentType)) return firstEvent()
  if (/^application\/json/i.test(contentType)) return wholeText()
  return undefined
}

function firstEvent(): Seek {
  const parser = eventParser({ maxLine: Infinity, maxEvent: Infinity }) // the caller bounds it
  return (piece) => {
    if (!piece) return undefined
    parser.feed(piece)
    // An event without data only tells its id, from which a stream can be resumed.
    for (let event = parser.next(); event; event = parser.next()) if (event.data) return event.data
    return undefined
  }
}

function wholeText(): Seek {
  const decoder = new TextDecoder()
  let text = ''
  return (piece) => {
    text += decoder.decode(piece, { stream: piece !== undefined })
    return piece ? undefined : text
  }
}

/** What was read, and then the rest as it comes. */
function replay(
  pieces: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece)
    },
    pull: async (controller) => {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
