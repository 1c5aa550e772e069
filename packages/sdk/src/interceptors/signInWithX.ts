import type { Interceptor } from '../compose'
import { discard } from '../exchange'
import type { SessionLayerParameters } from './session'

/**
 * Owns `SIGN-IN-WITH-X` on requests: answers a 402 that offers the x402 extension `sign-in-with-x`
 * with the same request and a proof of the wallet, so that credit at a gateway without tokens is
 * spent. A request with a token needs no proof, and one with a payment gets none.
 */
export function signInWithX(parameters: SessionLayerParameters): Interceptor {
  const { sessions, clock, signIn, signInFirst } = parameters

  return async (exchange, next) => {
    exchange.headers.delete('sign-in-with-x')
    const response = await next(exchange)
    const header = response.headers.get('payment-required')
    if (response.status !== 402 || !header || exchange.paying || signIn === 'never') return response
    if (exchange.token || !(await signInFirst())) {
      sessions.active().heed(header)
      return response
    }
    clock.learn(response.headers)
    const proof = await sessions.active().prove(header, exchange.url, exchange.signal)
    if (!proof) return response
    discard(response)
    exchange.headers.set('sign-in-with-x', proof)
    try {
      return await next(exchange)
    } finally {
      exchange.headers.delete('sign-in-with-x')
    }
  }
}
