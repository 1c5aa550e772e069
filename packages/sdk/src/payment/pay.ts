import { isARouterError } from '../errors'
import { discard, throwIfAborted } from '../exchange'
import { carry } from '../session/Session'
import type { Attempt } from './Attempt'
import type { Choice } from './choose'
import { deliver } from './deliver'
import { paidButFailed, reasonOf } from './failures'
import { factsOf, type Payment } from './Payer'
import { present } from './present'
import { type Received, receive } from './receive'
import type { PaymentRequired } from './requirements'
import { carryToken, conclude, release, settle } from './settle'
import { sign } from './sign'

/**
 * Signs one payment and sends it. Everything that can go wrong before the signed header leaves frees
 * the need again; nothing after does.
 */
export async function pay(
  payment: Payment,
  required: PaymentRequired,
  choice: Choice,
): Promise<Response | Received> {
  const { payer, account, exchange, next } = payment
  let signed: Attempt
  try {
    signed = await sign(payment, required, choice)
    throwIfAborted(exchange.signal)
  } catch (error) {
    // Where the store fails too, the entry is abandoned by whoever finds it without a worker.
    await giveUp(payment, reasonOf(error)).catch(() => undefined)
    throw error
  }
  exchange.signed = signed.id
  payer.emit({ type: 'payment-signed', ...factsOf(signed) })
  // The token of another wallet must not ride with this wallet's payment.
  const session = payer.sessions.active()
  if (session.address !== account.wallet.address) carry(exchange, undefined)
  const received = await receive(payment, signed, () => present(exchange, next, signed))
  const { verdict, response } = received
  if (verdict.kind !== 'settled' || !response) return received
  return answer(payment, received.attempt, response)
}

async function giveUp({ payer, account, attempt }: Payment, reason: string): Promise<void> {
  try {
    await release(payer, account, { ...attempt, state: 'signed' }, 'abandoned', reason)
  } catch (error) {
    if (!isARouterError(error, 'attempt_superseded')) throw error
    // Whoever took it over may have given it up before the reservation for it was made.
    const standing = (await account.journal.list()).find(({ id }) => id === attempt.id)
    if (standing?.state === 'abandoned') await account.budget.release(attempt.id)
  }
}

/**
 * The caller's answer, now that `attempt` is settled: the paid response, or, where that is no
 * answer, the request once more with the token that was bought.
 * @throws PaidButFailedError.
 */
async function answer(payment: Payment, attempt: Attempt, response: Response): Promise<Response> {
  const { payer, account, exchange, next } = payment
  if (response.ok) return deliver(response, () => conclude(payer, account, attempt))
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
  return deliver(again, () => conclude(payer, account, served))
}
