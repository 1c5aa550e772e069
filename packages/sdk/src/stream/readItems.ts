import { SseError } from './SseError'

/** How long a body may be silent, and who may stop it. */
export type BodyBounds = {
  /** Milliseconds that may pass without a byte while one is awaited. */
  readonly idleTimeout: number
  readonly signal?: AbortSignal | undefined
}

/** Turns the bytes of one body into items. */
export type ItemDecoder<T> = {
  /** Takes the next bytes; called when `next` has nothing left. */
  readonly feed: (bytes: Uint8Array) => void
  /** The next whole item, or undefined when more bytes are needed or the last item has been. */
  readonly next: () => T | undefined
  /** True once the content itself has said that it is over. */
  readonly finished: () => boolean
  /** Called when the body ends before that; throws if it should not have. */
  readonly end: () => void
}

/**
 * The items of a body. Leaving the loop, a fault and an abort close its connection.
 * @throws SseError `stalled`, `aborted`, `reset`, and what the decoder throws.
 */
export async function* readItems<T>(
  body: ReadableStream<Uint8Array>,
  { idleTimeout, signal }: BodyBounds,
  decoder: ItemDecoder<T>,
): AsyncGenerator<T, void, undefined> {
  const reader = body.getReader()
  let fault: SseError | undefined
  let ended = false
  let waitingSince: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  // Cancelling resolves a pending read, so no read outlives its fault.
  const fail = (error: SseError) => {
    fault ??= error
    cancel(reader)
  }
  const onAbort = () =>
    fail(new SseError('aborted', 'The stream was aborted.', { cause: signal?.reason }))
  // One timer for many reads: one for each piece would cost as much as parsing it.
  const watch = (milliseconds: number) => {
    timer = setTimeout(() => {
      timer = undefined
      if (waitingSince === undefined) return
      const left = waitingSince + idleTimeout - performance.now()
      if (left > 0) watch(left)
      else fail(new SseError('stalled', `The stream sent nothing for ${idleTimeout} ms.`))
    }, milliseconds)
  }
  const broken = (cause: unknown) => {
    ended = true
    if (signal?.aborted) onAbort()
    return fault ?? new SseError('reset', 'The stream broke off.', { cause })
  }

  try {
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    for (;;) {
      if (fault) throw fault
      waitingSince = performance.now()
      if (timer === undefined) watch(idleTimeout)
      let step: ReadableStreamReadResult<Uint8Array>
      try {
        step = await reader.read()
      } catch (cause) {
        throw broken(cause)
      }
      waitingSince = undefined
      if (fault) throw fault
      if (step.done) {
        ended = true
        return decoder.end()
      }
      decoder.feed(step.value)
      for (let item = decoder.next(); item !== undefined; item = decoder.next()) {
        yield item
        if (fault) throw fault
      }
      if (decoder.finished()) {
        ended = true
        return drain(reader)
      }
    }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    if (!ended) cancel(reader)
  }
}

function cancel(reader: ReadableStreamDefaultReader<Uint8Array>) {
  // Cancelling fails only on a body that has failed, and that needs no cancelling.
  reader.cancel().catch(() => undefined)
}

const DRAIN_MS = 1_000
const DRAIN_PIECES = 16

/** Reads the little that may follow, so that the connection can be used again; nobody waits for it. */
function drain(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const timer = setTimeout(() => cancel(reader), DRAIN_MS)
  const read = async () => {
    for (let pieces = 0; pieces < DRAIN_PIECES; pieces++) {
      if ((await reader.read()).done) return
    }
    cancel(reader)
  }
  // The content was whole: what happens to the connection after it is of no interest.
  read()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer))
}
