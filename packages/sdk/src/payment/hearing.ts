import { peek } from '../body'
import type { Send } from '../compose'
import { isARouterError, retell } from '../errors'
import type { Exchange } from '../exchange'
import { readError } from '../readError'
import type { Runtime } from '../runtime'
import { secretsOf } from '../secrets'

const MOST_BYTES = 64 * 1024
/** Refusals that are about a payment or about the moment, and not about the request itself. */
const PASSING = [402, 408, 409, 425, 429]

/** `next`, with what a seller answers of its own to a request that carries a payment kept in `said`. */
export function hearing(next: Send, runtime: Runtime): Send {
  return async (exchange) => {
    const { payment, timeout: idle, signal } = exchange
    if (!payment || !exchange.paying) return next(exchange)
    exchange.said = undefined
    const answer = await next(exchange)
    const { status } = answer
    if (status < 400 || status >= 500 || PASSING.includes(status)) return answer
    const { text, response } = await peek(answer, runtime, { idle, most: MOST_BYTES, signal })
    const words = readError(text, response, secretsOf(exchange)).answer
    exchange.said = { attempt: payment.attempt, words, answer: () => response.clone() }
    return response.clone()
  }
}

/** `error` of a payment, with what the seller answered to that. */
export function withAnswer(error: unknown, { said }: Exchange): unknown {
  if (!said || !isARouterError(error) || error.context.attempt !== said.attempt) return error
  const isInDoubt = error.fundsMoved === 'maybe'
  const hope = isInDoubt ? ' One that settles after its answers takes nothing for such a one.' : ''
  return Object.assign(retell(error), {
    statusCode: said.answer().status,
    message: `${error.message} The seller's own answer, which answer() has whole, was ${said.words}.${hope}`,
    answer: said.answer,
  })
}
