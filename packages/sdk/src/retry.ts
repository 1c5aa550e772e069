import type { Interceptor } from './compose'
import { ConnectionError } from './errors'
import { discard, type Exchange, throwIfAborted } from './exchange'
import { type Runtime, sleep } from './runtime'

const RETRIABLE = new Set([429, 502, 503, 504])
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8_000
const LONGEST_RETRY_AFTER_MS = 60_000

/**
 * Sends again after 429, 502, 503, 504 and failed connections, with backoff and `Retry-After`.
 * Never while a signed payment is on the request: what follows then is recovery, not retry.
 */
export function retry(runtime: Runtime, maxRetries: number): Interceptor {
  return async (exchange, next) => {
    for (let tries = 0; ; tries++) {
      const last = exchange.paying || tries >= maxRetries
      let wait: number | undefined
      try {
        const response = await next(exchange)
        if (last || !RETRIABLE.has(response.status)) return response
        wait = retryAfter(response.headers, runtime.now())
        if (wait !== undefined && wait > LONGEST_RETRY_AFTER_MS) return response
        discard(response)
      } catch (error) {
        if (last || !(error instanceof ConnectionError)) throw error
      }
      await pause(runtime, exchange, wait ?? backoff(runtime, tries))
    }
  }
}

async function pause(runtime: Runtime, exchange: Exchange, ms: number): Promise<void> {
  await sleep(runtime, ms, exchange.signal)
  throwIfAborted(exchange.signal)
}

/** Milliseconds before try number `tries + 1`: exponential, with jitter of half. */
export function backoff(runtime: Runtime, tries: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS)
  return full * (0.5 + runtime.random() / 2)
}

/** `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110 section 10.2.3). */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')
  if (!value) return undefined
  if (/^\d{1,9}(\.\d{1,3})?$/.test(value)) return Number(value) * 1000
  const at = /[A-Za-z]/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
