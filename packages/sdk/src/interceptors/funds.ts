import type { Interceptor } from '../compose'
import { isARouterError, withFunds } from '../errors'

/**
 * Makes errors true about funds. One made where nothing had been signed says that none moved; once a
 * payment of this call is out that is no longer known, whatever stopped the call, in whichever layer.
 */
export const funds: Interceptor = async (exchange, next) => {
  try {
    return await next(exchange)
  } catch (error) {
    const { payment } = exchange
    if (!payment || !isARouterError(error) || error.fundsMoved !== 'no') throw error
    const advice = `Payment ${payment.attempt} was made. Try again: the same payment is used.`
    throw Object.assign(withFunds(error, 'maybe', advice), {
      context: { ...payment, ...error.context },
    })
  }
}
