import {
  ARouterError,
  PaidButFailedError,
  PaymentRejectedError,
  PaymentUnconfirmedError,
} from '../errors'
import type { Attempt } from './Attempt'
import { formatMoney } from './formatMoney'
import { contextOf, type Payment, rpcOf } from './Payer'

/** Why something failed, as the journal notes it. */
export function reasonOf(error: unknown): string {
  return error instanceof ARouterError ? error.code : 'unexpected error'
}

/** Another process took the attempt over or closed it while this one was at it. */
export function superseded(id: string): ARouterError {
  return new ARouterError(
    0,
    'attempt_superseded',
    `Payment ${id} was closed by another process while this one was at it. Funds moved: no, not by this call. Try again.`,
    { context: { attempt: id } },
  )
}

/** Another process bought what this call waits for, and dropped the answer. */
export function forgotten(id: string): ARouterError {
  return new ARouterError(
    0,
    'attempt_superseded',
    `Payment ${id} of another process bought this, and its answer was forgotten while this call waited for it. Funds moved: no, not by this call. Use what that process got; call again only to buy it anew.`,
    { context: { attempt: id } },
  )
}

/** The payment settled and bought no answer. */
export function paidButFailed(
  attempt: Attempt,
  status: number,
  cause?: unknown,
): PaidButFailedError {
  const amount = formatMoney(BigInt(attempt.amount))
  return new PaidButFailedError(
    status,
    `${amount} was paid and the gateway gave no answer for it (status ${status}). Funds moved: yes. Try again: what was bought is used first, and nothing more is paid until it is. payments.writeOff('${attempt.id}') gives it up.`,
    { cause, context: contextOf(attempt) },
  )
}

/** The gateway refused the signature. */
export async function paymentRejected(
  payment: Omit<Payment, 'next'>,
): Promise<PaymentRejectedError> {
  const { attempt, payer } = payment
  const amount = formatMoney(BigInt(attempt.amount))
  const error = new PaymentRejectedError(
    `The gateway refused a payment of ${amount}: ${attempt.reason}. Funds moved: maybe; no, by its word. The signature stays counted, and no other is made, until it has expired unused.`,
    { context: contextOf(attempt) },
  )
  return payer.funds?.explain(error, payment) ?? error
}

/** The outcome is not known, and nothing that can be asked tells it. */
export function unconfirmed({
  payer,
  attempt,
}: Pick<Payment, 'payer' | 'attempt'>): PaymentUnconfirmedError {
  const amount = formatMoney(BigInt(attempt.amount))
  const decidable = attempt.expiresAt && new Date(attempt.expiresAt * 1000).toISOString()
  const how = rpcOf(payer, attempt.network).length
    ? `The chain can decide it after ${decidable}: payments.reconcile() asks it.`
    : `No RPC is known to ask the chain: name one in rpc.`
  return new PaymentUnconfirmedError(
    `A payment of ${amount} was sent and its outcome is not known (${attempt.reason ?? attempt.state}). Funds moved: maybe. It is held, and nothing is paid in its place. Try again: the same payment is used. ${how} payments.writeOff('${attempt.id}') gives it up.`,
    { context: contextOf(attempt) },
  )
}
