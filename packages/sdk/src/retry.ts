import type { Interceptor } from './compose'
import { ConnectionError } from './errors'
import { discard, type Exchange, throwIfAborted } from './exchange'
import { type Runtime, sleep } from './runtime'

const RETRIABLE = new Set([408, 409, 429])
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 8_000
const LONGEST_RETRY_AFTER_MS = 60_000
/** Retries that all calls of a client together may make before any has been answered. */
const BUDGET = 50
/** What an answer adds to that again: a gateway in trouble meets at most a fifth more requests. */
const EARNED = 0.2

/**
 * Sends again after 408, 409, 429, 5xx and failed connections, with backoff and `Retry-After`, and
 * within a budget that all calls share. Never while a signed payment is on the request: what follows
 * then is recovery, not retry. An answer that has begun is never asked for again.
 */
export function retry(runtime: Runtime, maxRetries: number): Interceptor {
  let budget = BUDGET
  return async (exchange, next) => {
    for (let tries = 0; ; tries++) {
      const last = exchange.paying || tries >= maxRetries || budget < 1
      let wait: number | undefined
      try {
        const response = await next(exchange)
        const { status } = response
        const fails = status >= 500 || RETRIABLE.has(status)
        if (!fails) budget = Math.min(budget + EARNED, BUDGET)
        if (last || !fails) return response
        wait = retryAfter(response.headers, runtime.now())
        if (wait !== undefined && wait > LONGEST_RETRY_AFTER_MS) return response
        discard(response)
      } catch (error) {
        if (last || !(error instanceof ConnectionError)) throw error
      }
      budget -= 1
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
