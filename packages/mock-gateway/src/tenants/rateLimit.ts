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
  const counts = new Map<string, { readonly span: number; used: number }>()
  return {
    take: (who, exchange) => {
      const span = Math.floor(clock.now() / milliseconds)
      const known = counts.get(who)
      const count = known?.span === span ? known : { span, used: 0 }
      counts.set(who, count)
      count.used += 1
      const limit = limitOf(who)
      const resetAt = (span + 1) * milliseconds
      exchange.rate = {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - count.used)),
        'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
      }
      if (count.used <= limit) return
      throw new GatewayError(429, 'rate_limit_error', 'rate limit exceeded', {
        'Retry-After': String(Math.ceil((resetAt - clock.now()) / 1000)),
      })
    },
  }
}
