import { discard } from '../exchange'
import { secretsOf } from '../secrets'
import type { Attempt } from './Attempt'
import { reasonOf } from './failures'
import { contextOf, factsOf, type Payment } from './Payer'
import { settle, unbooked } from './settle'
import { type Verdict, verdictOf } from './verdict'

/** A paid request's answer, booked. `response` is there where it settled. */
export type Received = {
  readonly attempt: Attempt
  readonly verdict: Verdict
  readonly response?: Response
  /** No answer came: the gateway may not even have got the request. */
  readonly isUnheard?: boolean
}

/** Sends a request that carries `attempt`, and books what its answer says. */
export async function receive(
  payment: Payment,
  attempt: Attempt,
  send: () => Promise<Response>,
): Promise<Received> {
  let response: Response
  try {
    response = await send()
  } catch (error) {
    const reason = reasonOf(error)
    const verdict = { kind: 'unknown', reason } as const
    return { attempt: await note(payment, attempt, 'unknown', reason), verdict, isUnheard: true }
  }
  const verdict = verdictOf(response, attempt, secretsOf(payment.exchange))
  if (verdict.kind === 'settled') {
    const { receipt } = verdict
    const settlement = {
      settledBy: receipt ? 'receipt' : 'answer',
      receipt,
      served: response.ok ? 'yes' : 'no',
    } as const
    try {
      const settled = await settle(payment.payer, payment.account, attempt, settlement)
      payment.exchange.payment = contextOf(settled)
      return { attempt: settled, verdict, response }
    } catch (error) {
      // What was paid for and has come is the caller's, whatever became of the books.
      if (!response.ok) throw error
      unbooked(payment.payer, attempt, error)
      return { attempt, verdict, response }
    }
  }
  discard(response)
  return { attempt: await note(payment, attempt, verdict.kind, verdict.reason), verdict }
}

/** Books an answer that did not settle the payment. What has settled stays so. */
async function note(
  { payer, account }: Payment,
  attempt: Attempt,
  state: 'refused' | 'unknown',
  reason: string,
): Promise<Attempt> {
  if (attempt.state === 'settled') return attempt
  const states = ['signed', 'unknown', 'refused'] as const
  const noted = await account.journal.advance(attempt, states, { state, reason })
  payer.emit({ type: `payment-${state}`, ...factsOf(noted), reason })
  return noted
}
