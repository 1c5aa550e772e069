import { carry, discard, throwIfAborted } from '../exchange'
import { backoff } from '../retry'
import { sleep } from '../runtime'
import type { Fate } from '../wallet'
import type { Attempt } from './Attempt'
import { paidButFailed, paymentRejected, unconfirmed } from './failures'
import { type Account, type Payer, type Payment, rpcOf } from './Payer'
import { present } from './present'
import { type Received, receive } from './receive'
import { carryToken, conclude, finish, hand, NEVER_USED, release, settle } from './settle'

/** How often the call that paid tries credit and signature before the chain is asked. Others: once. */
const ROUNDS = 3
/** A top-up that was settled and served nothing is not followed by another for this long. */
const CALM_MS = 60_000
/** Past its expiry a signature counts as alive for this many seconds more. */
const MARGIN_S = 30
/** By how many seconds two readings of the gateway's clock may differ. */
const CLOCKS_S = 10

/** The answer, or undefined where the attempt is closed and the need is free. */
type Recovered = Promise<Response | undefined>

/**
 * Finds out what became of a payment that may have been made, in this order: use credit already
 * bought; send the same signature again; ask the chain. Signs nothing.
 * @throws PaymentUnconfirmedError, PaymentRejectedError, PaidButFailedError: the need stays held.
 */
export async function recover(payment: Payment): Recovered {
  const { payer, account } = payment
  if (await finish(payer, account, payment.attempt)) return undefined
  let attempt = payment.attempt
  const rounds = payment.exchange.signed === attempt.id ? ROUNDS : 1
  let isUnheard = false
  for (let round = 0; round < rounds; round++) {
    // A seller that has answered it is not asked again by this call.
    if (payment.exchange.said?.attempt === attempt.id && attempt.state !== 'settled') break
    if (round > 0)
      await sleep(payer.runtime, backoff(payer.runtime, round), payment.exchange.signal)
    throwIfAborted(payment.exchange.signal)
    const isInVain = (round === 0 && hasNoCredit(payment)) || (await wouldPrompt(payment))
    const served = isInVain ? undefined : await byCredit({ ...payment, attempt })
    if (served) return served
    throwIfAborted(payment.exchange.signal)
    const received = await bySignature({ ...payment, attempt })
    attempt = received.attempt
    isUnheard = received.isUnheard ?? false
    const { verdict, response } = received
    if (response?.ok && attempt.state !== 'settled') return response // Not booked: it stays held.
    if (response?.ok) return hand({ ...payment, attempt }, response)
    if (response) discard(response)
    if (verdict.kind !== 'unknown' || attempt.state === 'settled') break
  }
  if (!isUnheard && (await wouldPrompt(payment))) {
    const served = await byCredit({ ...payment, attempt })
    if (served) return served
    throwIfAborted(payment.exchange.signal)
  }
  return byBooks({ ...payment, attempt })
}

// A 402 that answered our token after the payment was made says that there is no credit.
function hasNoCredit({ exchange, attempt }: Payment): boolean {
  return exchange.token !== undefined && exchange.refusedAt > attempt.changedAt
}

// Asking for credit takes a signature of a person, who gave one already: what it pays for comes first.
async function wouldPrompt({ payer, account }: Payment): Promise<boolean> {
  const { address, interactive } = account.wallet
  if (!interactive || payer.signIn === 'never') return false
  return (await payer.sessions.activate(address).newest()) === undefined
}

// A session the gateway serves after it answered 402 has credit, and the attempt is where it came from.
async function byCredit(payment: Payment): Recovered {
  const { payer, account, exchange, next, attempt } = payment
  if (payer.need) return undefined
  const token = await carryToken(payer, account.wallet.address, exchange)
  if (!token) return undefined
  const response = await next(exchange).catch(() => undefined) // No answer: the next step asks again.
  throwIfAborted(exchange.signal)
  if (!response) return undefined
  if (response.ok) {
    // Bought ahead, it may be credit from before that serves: the payment stays held.
    if (attempt.ahead && attempt.state !== 'settled' && !hasNoCredit(payment)) return response
    const served = await settle(payer, account, attempt, { settledBy: 'credit', served: 'yes' })
    const isOver = served.settledBy === 'receipt' || isPastUse(payment)
    return isOver ? hand({ ...payment, attempt: served }, response) : response
  }
  const { status } = response
  // The request itself is refused: that is its answer, and says nothing of the payment.
  if (status >= 400 && status < 500 && ![401, 402, 408, 409, 429].includes(status)) return response
  discard(response)
  if (status === 401) {
    const standing = await payer.sessions.active().evict(token)
    carry(exchange, standing)
  }
  return undefined
}

async function bySignature(payment: Payment): Promise<Received> {
  const { exchange, next, attempt, payer } = payment
  // One that was used is presented for what it bought: a seller may know it after its end.
  const isForProof = payer.need && attempt.state === 'settled'
  const isOver = attempt.expiresAt !== undefined && payer.clock.now() >= attempt.expiresAt
  if (isOver && !isForProof) {
    return { attempt, verdict: { kind: 'unknown', reason: 'expired' } }
  }
  return receive(payment, attempt, () => present(exchange, next, attempt))
}

async function byBooks(payment: Payment): Recovered {
  const { payer, account, attempt, exchange } = payment
  const used = () => conclude(payer, account, attempt, { state: 'settled' }).then(() => undefined)
  if (attempt.settledBy === 'receipt') {
    // The top-up was real; neither credit nor signature serves, so it has been used up. A single thing
    // that was paid for and has not come is never paid for again without a person's word.
    if (payer.need) throw paidButFailed(attempt, 402)
    if (wasServed(payment) || payer.runtime.now() - attempt.changedAt > CALM_MS) return used()
    throw paidButFailed(attempt, 402)
  }
  const fate = await fateOf(payer, account, attempt, exchange.signal)
  throwIfAborted(exchange.signal)
  if (fate === 'settled') {
    if (wasServed(payment)) return used()
    const settled = await settle(payer, account, attempt, { settledBy: 'chain', served: 'no' })
    const served = await byCredit({ ...payment, attempt: settled })
    if (served) return served
    throw paidButFailed(settled, 402)
  }
  // What was served on credit counts as spent for good; only two live signatures must not coexist.
  if (attempt.settledBy === 'credit' && isPastUse(payment)) return used()
  if (fate === 'dead') {
    await release(payer, account, attempt, 'dead', NEVER_USED)
    return undefined
  }
  if (payer.policy.onUnconfirmed === 'retry-after-expiry' && isPastUse(payment)) {
    await conclude(payer, account, attempt, {
      state: 'writtenOff',
      reason: 'unconfirmed past expiry',
    })
    return undefined
  }
  throw attempt.state === 'refused' ? await paymentRejected(payment) : unconfirmed(payment)
}

/** Asks the chain about an attempt; `unknown` where no RPC is known. */
export async function fateOf(
  payer: Payer,
  { wallet }: Account,
  { network, evidence }: Attempt,
  signal?: AbortSignal,
): Promise<Fate> {
  const rpc = rpcOf(payer, network)
  if (rpc.length === 0 || !evidence) return 'unknown'
  return wallet.fate(evidence, { rpc, fetch: payer.runtime.fetch, signal })
}

// What was sent after the payment, and served, was served with it. Of one made here this goes by the
// order of requests. Another process's clock tells nothing: only the gateway's is common to both.
function wasServed({ payer, account, attempt }: Payment): boolean {
  if (payer.need) return false // Its answer has not come whole, or the need were free.
  const { turn, sentAt } = payer.sessions.active().served()
  const { made } = account
  if (attempt.ahead) return attempt.served === true // What else was served may be credit from before.
  if (attempt.served || made.id === attempt.id) return attempt.served || turn > made.turn
  return attempt.signedAt !== undefined && sentAt > attempt.signedAt + CLOCKS_S
}

function isPastUse({ payer, attempt }: Payment): boolean {
  return attempt.expiresAt !== undefined && payer.clock.isPast(attempt.expiresAt + MARGIN_S)
}
