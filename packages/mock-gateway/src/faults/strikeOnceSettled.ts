import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import { Unanswered } from '../http/Unanswered'

/** Throws when a fault is due right after a payment was settled; `askAgain` makes a 402 with terms. */
export function strikeOnceSettled(
  gateway: Gateway,
  exchange: Exchange,
  askAgain: () => Error,
): void {
  const fault = gateway.faults.take('settled', exchange)
  if (fault?.keeps === 'nothing') exchange.receipt = undefined
  switch (fault?.kind) {
    case undefined:
      return
    case 'drop-after-settle':
      throw new Unanswered('reset')
    case 'hang-after-settle':
      throw new Unanswered('silence')
    case '429-after-settle':
      throw new GatewayError(429, 'rate_limit_error', 'rate limit exceeded', {
        'Retry-After': fault.retryAfter ?? '1',
      })
    case '402-after-settle':
      throw askAgain()
    default:
      throw new GatewayError(fault?.status ?? 502, 'server_error', 'upstream failed')
  }
}
