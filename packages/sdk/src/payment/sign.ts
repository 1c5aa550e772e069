import { ARouterError, PaymentPolicyError } from '../errors'
import { abortable, throwIfAborted } from '../exchange'
import { sleep } from '../runtime'
import type { TransferSummary } from '../wallet'
import { walletFailed } from '../walletFailed'
import type { Attempt } from './Attempt'
import { formatMoney } from './formatMoney'
import { contextOf, type Payment, rpcOf } from './Payer'
import { pathOf } from './pathOf'
import { pin } from './pin'
import { paymentHeader } from './present'
import type { Offer, PaymentRequired } from './requirements'
import { sameAddress } from './sameAddress'

const LONGEST_VALIDITY_S = 120
const APPROVAL_MS = 120_000

/**
 * Reserves, asks, pins, signs, and writes the signed header down: the one way to a signature. The
 * attempt it resolves to is durable, and has not been sent.
 */
export async function sign(
  payment: Payment,
  required: PaymentRequired,
  offer: Offer,
): Promise<Attempt> {
  const { payer, account, exchange, attempt } = payment
  const { clock, runtime } = payer
  await account.budget.reserve(attempt.id, offer.amount)
  await approve(payment)
  await pin(payer, attempt)
  const prepared = await abortable(
    account.wallet.prepare(offer, {
      now: clock.toSign(),
      validity: Math.min(offer.maxTimeoutSeconds, LONGEST_VALIDITY_S),
      rpc: rpcOf(payer, offer.network),
      fetch: runtime.fetch,
      signal: exchange.signal,
    }),
    exchange.signal,
  ).catch((cause) => {
    throw walletFailed(cause, 'pay')
  })
  throwIfAborted(exchange.signal)
  // What was approved is what is signed: judged by what is signed, not by what was asked for.
  if (!isAsApproved(prepared.summary, attempt, offer)) throw notAsApproved(attempt)
  // Approval may take long: what another worker has taken over meanwhile must not be signed here.
  await account.journal.advance(attempt, ['intended'], {})
  throwIfAborted(exchange.signal)
  const { payload, evidence } = await abortable(prepared.sign(), exchange.signal).catch((cause) => {
    throw walletFailed(cause, 'pay')
  })
  throwIfAborted(exchange.signal)
  return account.journal.advance(attempt, ['intended'], {
    state: 'signed',
    header: paymentHeader(required, offer, payload, attempt.id),
    evidence,
    expiresAt: prepared.expiresAt,
    signedAt: clock.now(),
  })
}

function isAsApproved(summary: TransferSummary, attempt: Attempt, { asset }: Offer): boolean {
  const { network, amount, payTo, from } = summary
  return (
    network === attempt.network &&
    amount.toString() === attempt.amount &&
    sameAddress(summary.asset) === sameAddress(asset) &&
    sameAddress(payTo) === sameAddress(attempt.payTo) &&
    sameAddress(from) === sameAddress(attempt.from)
  )
}

function notAsApproved(attempt: Attempt): ARouterError {
  return new ARouterError(
    0,
    'wallet_failed',
    'What the wallet would sign is not the payment that was approved. Funds moved: no, nothing was signed. Report it to the maker of the wallet.',
    { context: contextOf(attempt) },
  )
}

async function approve({ payer, exchange, attempt }: Payment): Promise<void> {
  const ask = payer.policy.approve
  if (!ask) return
  const { origin, network, payTo, from } = attempt
  const amount = BigInt(attempt.amount)
  const path = pathOf(exchange, payer.base)
  const answer = Promise.resolve().then(() => ask({ origin, path, network, amount, payTo, from }))
  const silence = new AbortController()
  const patience = sleep(payer.runtime, APPROVAL_MS, silence.signal).then(() => false as const)
  let cause: unknown
  const approved = await abortable(Promise.race([answer, patience]), exchange.signal)
    .catch((error) => {
      cause = error
      return false
    })
    .finally(() => silence.abort())
  throwIfAborted(exchange.signal)
  if (approved === true) return
  throw new PaymentPolicyError(
    'approval_denied',
    `A payment of ${formatMoney(amount)} was not approved. Funds moved: no, nothing was signed.`,
    { cause, context: contextOf(attempt) },
  )
}
