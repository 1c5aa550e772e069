import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { Answered } from '../http/Answered'
import { GatewayError, unauthenticated } from '../http/GatewayError'
import { Unanswered } from '../http/Unanswered'

/** Throws when a fault is due before anything is done with the request. */
export function strikeOnArrival(gateway: Gateway, exchange: Exchange): void {
  const fault = gateway.faults.take('arrival', exchange)
  switch (fault?.kind) {
    case undefined:
      return
    case 'reset-before':
      throw new Unanswered('reset')
    case 'hang-before':
      throw new Unanswered('silence')
    case '429-before':
      throw new GatewayError(429, 'rate_limit_error', 'rate limit exceeded', {
        'Retry-After': fault.retryAfter ?? '1',
        'X-RateLimit-Limit': '60',
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': String(Math.ceil(gateway.clock.now() / 1000) + 1),
      })
    case '401':
      throw unauthenticated('invalid api key')
    case 'redirect':
      throw new Answered(
        new Response(null, {
          status: fault.status ?? 307,
          headers: { location: fault.location ?? exchange.url.href },
        }),
      )
    default:
      throw new GatewayError(fault?.status ?? 502, 'server_error', 'upstream failed')
  }
}

/** Throws when a fault is due at the sign-in. */
export function strikeAtSignIn(gateway: Gateway, exchange: Exchange): void {
  const fault = gateway.faults.take('sign-in', exchange)
  switch (fault?.kind) {
    case undefined:
      return
    case 'auth-hang':
      throw new Unanswered('silence')
    case 'auth-401':
      throw unauthenticated('the sign-in was refused')
    default:
      throw new GatewayError(fault?.status ?? 503, 'server_error', 'sign-in is not available')
  }
}
