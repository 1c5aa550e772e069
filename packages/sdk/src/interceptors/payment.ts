import type { Interceptor } from '../compose'
import type { Engine } from '../payment/engine'

/**
 * Owns `PAYMENT-*` and answers 402s. The engine that does so is not loaded before the first one:
 * a client that lives on its token never needs it.
 */
export function payment(load: () => Promise<Engine>, prefetch: () => void): Interceptor {
  return async (exchange, next) => {
    exchange.headers.delete('payment-signature')
    exchange.headers.delete('x-payment')
    if (!exchange.token) prefetch()
    const response = await next(exchange)
    if (response.status !== 402) return response
    const engine = await load()
    return engine.meet(exchange, next, response)
  }
}
