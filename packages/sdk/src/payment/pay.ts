import type { Send } from '../compose'
import {
  ARouterError,
  isARouterError,
  PaidButFailedError,
  PaymentPolicyError,
  PaymentRejectedError,
} from '../errors'
import { abortable, discard, type Exchange, throwIfAborted } from '../exchange'
import { sleep } from '../runtime'
import { carry } from '../session/Session'
import { walletFailed } from '../walletFailed'
import type { Attempt } from './Attempt'
import { formatMoney } from './amount'
import type { Choice } from './choose'
import { deliver } from './deliver'
import { LEASE_MS } from './journal'
import { type Account, contextOf, factsOf, type Payer } from './Payer'
import { readPin, sameAddress } from './policy'
import { paymentHeader, present } from './present'
import type { PaymentRequired } from './requirements'
import { carryToken, conclude, release, settle } from './settle'
import { type Verdict, verdictOf } from './verdict'

const LONGEST_VALIDITY_S = 120
const APPROVAL_MS = 120_000

/** One payment in the making. `attempt` already holds the need. */
export type Payment = {
  readonly payer: Payer
  readonly account: Account
  readonly exchange: Exchange
  readonly next: Send
  readonly attempt: Attempt
}

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

async function sign(payment: Payment, required: PaymentRequired, choice: Choice): Promise<Attempt> {
  const { payer, account, exchange, attempt } = payment
  const { wallet, offer } = choice
  const { policy, clock, runtime } = payer
  await account.budget.reserve(attempt.id, offer.amount)
  await pin(payer, attempt)
  await approve(payment)
  const prepared = await abortable(
    wallet.prepare(offer, {
      now: clock.now(),
      validity: Math.min(offer.maxTimeoutSeconds, LONGEST_VALIDITY_S),
      rpc: policy.rpc[offer.network] ?? [],
      fetch: runtime.fetch,
      signal: exchange.signal,
    }),
    exchange.signal,
  ).catch((cause) => {
    throw walletFailed(cause, 'pay')
  })
  throwIfAborted(exchange.signal)
  // Approval may take long: what another worker has taken over meanwhile must not be signed here.
  await account.journal.advance(attempt, ['intended'], { leaseUntil: runtime.now() + LEASE_MS })
  throwIfAborted(exchange.signal)
  const { payload, evidence } = await abortable(prepared.sign(), exchange.signal).catch((cause) => {
    throw walletFailed(cause, 'pay')
  })
  throwIfAborted(exchange.signal)
  return account.journal.advance(attempt, ['intended'], {
    state: 'signed',
    header: paymentHeader(required, offer, payload),
    evidence,
    expiresAt: prepared.expiresAt,
  })
}

// Trust on first use: whoever is paid first at this origin and network is the one from then on.
async function pin({ policy, store }: Payer, { origin, network, payTo }: Attempt): Promise<void> {
  if (policy.payTo) return
  const key = `pin/${origin}/${network}`
  const standing = await store.update(key, (now) => readPin(now, key) ?? sameAddress(payTo))
  if (standing === sameAddress(payTo)) return
  throw new PaymentPolicyError(
    'pay_to_changed',
    'The gateway asks to pay another address than before. Funds moved: no, nothing was signed. If the change is real, name the new address in payTo.',
    { context: { origin, network, payTo } },
  )
}

async function approve({ payer, exchange, attempt }: Payment): Promise<void> {
  const ask = payer.policy.approve
  if (!ask) return
  const { origin, network, payTo, from } = attempt
  const amount = BigInt(attempt.amount)
  const answer = Promise.resolve().then(() => ask({ origin, network, amount, payTo, from }))
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

function reasonOf(error: unknown): string {
  return error instanceof ARouterError ? error.code : 'unexpected error'
}

/** A paid request's answer, booked. `response` is there where it settled. */
export type Received = {
  readonly attempt: Attempt
  readonly verdict: Verdict
  readonly response?: Response
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
    return { attempt: await doubt(payment, attempt, reason), verdict: { kind: 'unknown', reason } }
  }
  const verdict = verdictOf(response, attempt)
  if (verdict.kind === 'settled') {
    const { receipt } = verdict
    const settlement = {
      settledBy: receipt ? 'receipt' : 'answer',
      receipt,
      served: response.ok ? 'yes' : 'no',
    } as const
    const settled = await settle(payment.payer, payment.account, attempt, settlement)
    return { attempt: settled, verdict, response }
  }
  discard(response)
  const { reason } = verdict
  if (verdict.kind === 'unknown') return { attempt: await doubt(payment, attempt, reason), verdict }
  return { attempt: await refuse(payment, attempt, reason), verdict }
}

async function refuse(
  { payer, account }: Payment,
  attempt: Attempt,
  reason: string,
): Promise<Attempt> {
  if (attempt.state === 'settled') return attempt
  const refused = await account.journal.advance(attempt, ['signed', 'unknown', 'refused'], {
    state: 'refused',
    reason,
  })
  payer.emit({ type: 'payment-refused', ...factsOf(refused), reason })
  return refused
}

async function doubt(
  { payer, account }: Payment,
  attempt: Attempt,
  reason: string,
): Promise<Attempt> {
  if (attempt.state === 'settled') return attempt
  const states = ['signed', 'unknown', 'refused'] as const
  const unknown = await account.journal.advance(attempt, states, { state: 'unknown', reason })
  payer.emit({ type: 'payment-unknown', ...factsOf(unknown), reason })
  return unknown
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

/** The payment settled and bought no answer. */
export function paidButFailed(
  attempt: Attempt,
  status: number,
  cause?: unknown,
): PaidButFailedError {
  const amount = formatMoney(BigInt(attempt.amount))
  return new PaidButFailedError(
    status,
    `${amount} was paid and the gateway gave no answer for it (status ${status}). Funds moved: yes. Try again: the credit bought is used first, and nothing more is paid until it is.`,
    { cause, context: contextOf(attempt) },
  )
}

/** The gateway refused the signature. */
export function paymentRejected(attempt: Attempt): PaymentRejectedError {
  const amount = formatMoney(BigInt(attempt.amount))
  return new PaymentRejectedError(
    `The gateway refused a payment of ${amount}: ${attempt.reason}. Funds moved: maybe; no, by its word. The signature stays counted, and no other is made, until it has expired unused.`,
    { context: contextOf(attempt) },
  )
}
