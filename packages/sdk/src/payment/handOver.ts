import { decodeBytes, encodeBytes, join } from '../encoding'
import { ConnectionError, TimeoutError } from '../errors'
import { abortable, type Exchange } from '../exchange'
import { plainCause } from '../plainCause'
import type { Runtime } from '../runtime'
import type { KeptAnswer } from './Attempt'

/** Bytes of an answer that are read before its caller has it, and kept where it is to be given again. */
const MOST_HELD = 256 * 1024
const EVENTS = /^(text\/event-stream|application\/(x-)?ndjson)/i

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>

/**
 * Hands over the one thing that was bought. It is read to its end first, so that it is known to have
 * come whole, and `onEnd` runs before its caller has it. What is too large for that, or comes in
 * events, passes through: then `onEnd` runs without it, at its end or when its caller wants no more.
 * @throws ConnectionError where it breaks off; TimeoutError; `aborted`. `onEnd` is not run then.
 */
export async function handOver(
  runtime: Runtime,
  exchange: Exchange,
  response: Response,
  onEnd: (answer: KeptAnswer | undefined) => Promise<void>,
): Promise<Response> {
  const { status, statusText, headers, url } = response
  const reader: Reader | undefined = response.body?.getReader()
  const read = () => nextPiece(reader, runtime, exchange)
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  let isWhole = false
  const isHeld = !EVENTS.test(headers.get('content-type') ?? '')
  while (isHeld && !isWhole && size <= MOST_HELD) {
    const piece = await read()
    if (piece) pieces.push(piece)
    size += piece?.byteLength ?? 0
    isWhole = piece === undefined
  }
  let body: BodyInit | null
  if (isWhole) {
    const whole = join(pieces)
    await onEnd({ status, headers: [...headers], body: encodeBytes(whole) })
    body = whole
  } else {
    body = passOn(pieces, read, onEnd, reader)
  }
  const handed = new Response(NO_BODY.has(status) ? null : body, { status, statusText, headers })
  Object.defineProperty(handed, 'url', { value: url })
  return handed
}

/** Statuses whose answers have no body (Fetch, "null body status"). */
const NO_BODY = new Set([101, 103, 204, 205, 304])

/** An answer that was kept, as it was. */
export function answerAgain({ status, headers, body }: KeptAnswer): Response {
  return new Response(NO_BODY.has(status) ? null : decodeBytes(body), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })
}

function passOn(
  begun: Uint8Array<ArrayBuffer>[],
  read: () => Promise<Uint8Array<ArrayBuffer> | undefined>,
  onEnd: (answer: undefined) => Promise<void>,
  reader: Reader | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: async (controller) => {
      const piece = begun.length > 0 ? begun.shift() : await read()
      if (piece) controller.enqueue(piece)
      else {
        await onEnd(undefined)
        controller.close()
      }
    },
    cancel: async (reason) => {
      await onEnd(undefined)
      await reader?.cancel(reason)
    },
  })
}

/** The next piece of a body; undefined at its end. */
async function nextPiece(
  reader: Reader | undefined,
  runtime: Runtime,
  { timeout, signal }: Exchange,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!reader) return undefined
  let cancel = () => {}
  const stalled = new Promise<never>((_, reject) => {
    cancel = runtime.after(timeout, () =>
      reject(new TimeoutError(`The answer stalled for ${timeout}ms. Funds moved: no.`)),
    )
  })
  try {
    const { done, value } = await Promise.race([abortable(reader.read(), signal), stalled])
    return done ? undefined : value
  } catch (cause) {
    reader.cancel().catch(() => undefined)
    if (cause instanceof TimeoutError || signal?.aborted) throw cause
    throw new ConnectionError('The answer broke off. Funds moved: no.', {
      cause: plainCause(cause),
    })
  } finally {
    cancel()
  }
}
