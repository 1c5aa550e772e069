import { carry, discard, throwIfAborted } from '../exchange'
import type { Attempt } from './Attempt'
import { paidButFailed, reasonOf } from './failures'
import { contextOf, factsOf, type Payment } from './Payer'
import { present } from './present'
import { type Received, receive } from './receive'
import type { Offer, PaymentRequired } from './requirements'
import { carryToken, hand, release, settle } from './settle'
import { sign } from './sign'

/**
 * Signs one payment and sends it. Everything that can go wrong before the signed header leaves frees
 * the need again; nothing after does.
 */
export async function pay(
  payment: Payment,
  required: PaymentRequired,
  offer: Offer,
): Promise<Response | Received> {
  const { payer, account, exchange, next } = payment
  let signed: Attempt
  try {
    signed = await sign(payment, required, offer)
    throwIfAborted(exchange.signal)
  } catch (error) {
    // Where this fails, or another worker has it by now, the entry is abandoned by whoever has it.
    const unsent = { ...payment.attempt, state: 'signed' } as const
    await release(payer, account, unsent, 'abandoned', reasonOf(error)).catch(() => undefined)
    throw error
  }
  exchange.signed = signed.id
  exchange.payment = contextOf(signed)
  payer.emit({ type: 'payment-signed', ...factsOf(signed) })
  // The token of another wallet must not ride with this wallet's payment.
  const session = payer.sessions.active()
  if (exchange.token && session.address !== account.wallet.address) carry(exchange, undefined)
  const received = await receive(payment, signed, () => present(exchange, next, signed))
  const { verdict, response } = received
  if (verdict.kind !== 'settled' || !response) return received
  if (payer.need && !response.ok) {
    discard(response) // What was bought may be had for the same signature.
    return received
  }
  return answer(payment, received.attempt, response)
}

/**
 * The caller's answer, now that `attempt` is settled: the paid response, or, where that is no
 * answer, the request once more with the token that was bought.
 * @throws PaidButFailedError.
 */
async function answer(payment: Payment, attempt: Attempt, response: Response): Promise<Response> {
  const { payer, account, exchange, next } = payment
  if (response.ok && attempt.state !== 'settled') return response // Not booked: the need stays held.
  if (response.ok) return hand({ ...payment, attempt }, response)
  discard(response)
  const { status } = response
  await carryToken(payer, account.wallet.address, exchange)
  const again = await next(exchange).catch((cause) => {
    throw paidButFailed(attempt, status, cause)
  })
  if (again.status === 402 || again.status === 429 || again.status >= 500) {
    discard(again)
    throw paidButFailed(attempt, again.status)
  }
  if (!again.ok) return again
  const served = await settle(payer, account, attempt, { settledBy: 'receipt', served: 'yes' })
  return hand({ ...payment, attempt: served }, again)
}
