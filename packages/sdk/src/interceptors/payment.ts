import type { GatewayClock } from '../clock'
import type { Interceptor, Send } from '../compose'
import type { Engine } from '../payment/engine'
import type { Turns } from '../payment/Payer'

/**
 * Owns `PAYMENT-*` and answers 402s. The engine that does so is not loaded before the first one:
 * a client that lives on its token never needs it.
 */
export function payment(
  load: () => Promise<Engine>,
  prefetch: () => void,
  sent: Turns,
  clock: GatewayClock,
): Interceptor {
  return async (exchange, next) => {
    const send: Send = (each) => {
      each.turn = ++sent.count
      each.sentAt = clock.now()
      return next(each)
    }
    exchange.headers.delete('payment-signature')
    exchange.headers.delete('x-payment')
    if (!exchange.token) prefetch()
    const response = await send(exchange)
    if (response.status !== 402) return response
    const engine = await load()
    return engine.meet(exchange, send, response)
  }
}
