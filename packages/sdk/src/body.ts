import { ARouterError, ConnectionError, TimeoutError } from './errors'
import { abortable } from './exchange'
import { plainCause } from './plainCause'
import type { Runtime } from './runtime'

/** Bounds on reading a body. */
export type ReadLimits = {
  /** Milliseconds between two pieces of the body. */
  readonly idle: number
  /** Milliseconds for all of it. */
  readonly total?: number
  /** Bytes. */
  readonly most: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads a body as text, within bounds.
 * @throws ARouterError `body_too_large`; TimeoutError; ConnectionError; `aborted`.
 */
export async function readText(
  response: Response,
  runtime: Runtime,
  limits: ReadLimits,
): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  let late: (error: Error) => void = () => undefined
  const stalled = new Promise<never>((_, reject) => {
    late = reject
  })
  stalled.catch(() => undefined)
  const { idle, total, most, signal } = limits
  const stall = () => late(new TimeoutError(`The answer stalled for ${idle}ms. Funds moved: no.`))
  const drip = () =>
    late(new TimeoutError(`The answer was not whole after ${total}ms. Funds moved: no.`))
  const stopTotal = total === undefined ? () => undefined : runtime.after(total, drip)
  try {
    for (;;) {
      const cancel = runtime.after(idle, stall)
      const { done, value } = await Promise.race([
        abortable(reader.read(), signal),
        stalled,
      ]).finally(cancel)
      if (done) return text + decoder.decode()
      size += value.byteLength
      if (size > most) throw tooLarge(response, most)
      text += decoder.decode(value, { stream: true })
    }
  } catch (cause) {
    reader.cancel().catch(() => undefined)
    if (cause instanceof ARouterError) throw cause
    throw new ConnectionError('The answer broke off. Funds moved: no.', {
      cause: plainCause(cause),
    })
  } finally {
    stopTotal()
  }
}

function tooLarge({ status }: Response, most: number): ARouterError {
  return new ARouterError(
    status,
    'body_too_large',
    `The answer is larger than ${most} bytes. Funds moved: no.`,
  )
}

/**
 * A refusal's body as text; empty where it is late, broken or too large, as its status says enough.
 * @throws ARouterError `aborted`.
 */
export function readRefusal(
  response: Response,
  runtime: Runtime,
  limits: ReadLimits,
): Promise<string> {
  return readText(response, runtime, { total: limits.idle, ...limits }).catch((error) => {
    if (limits.signal?.aborted) throw error
    return ''
  })
}

/** A refusal's body as {@link readRefusal} has it, and a response that still has it. */
export async function peek(
  response: Response,
  runtime: Runtime,
  limits: ReadLimits,
): Promise<{ readonly text: string; readonly response: Response }> {
  const { status, statusText, headers } = response
  const text = await readRefusal(response, runtime, limits)
  return { text, response: new Response(text, { status, statusText, headers }) }
}
