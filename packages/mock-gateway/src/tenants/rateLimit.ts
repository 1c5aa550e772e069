import type { GatewayClock } from '../clock'
import type { Exchange } from '../Exchange'
import { GatewayError } from '../http/GatewayError'

/** Counts requests per span of time. */
export interface RateLimit {
  /** Counts one request of `who`, and throws 429 when it is one too many. */
  take(who: string, exchange: Exchange): void
}

/** At most `limitOf(who)` requests in each span of `milliseconds` by the gateway's clock. */
export function createRateLimit(
  limitOf: (who: string) => number,
  milliseconds: number,
  clock: GatewayClock,
): RateLimit {
  const counts = new Map<string, number>()
  let span = 0
  return {
    take: (who, exchange) => {
      const current = Math.floor(clock.now() / milliseconds)
      if (current !== span) counts.clear()
      span = current
      const used = (counts.get(who) ?? 0) + 1
      counts.set(who, used)
      const limit = limitOf(who)
      const resetAt = (span + 1) * milliseconds
      exchange.rate = {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - used)),
        'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
      }
      if (used <= limit) return
      throw new GatewayError(429, 'rate_limit_error', 'rate limit exceeded', {
        'Retry-After': String(Math.ceil((resetAt - clock.now()) / 1000)),
      })
    },
  }
}
