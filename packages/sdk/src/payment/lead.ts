import type { Send } from '../compose'
import { ARouterError, isARouterError, PaidButFailedError } from '../errors'
import { type Exchange, throwIfAborted } from '../exchange'
import { randomHex } from '../randomHex'
import { sleep } from '../runtime'
import type { Attempt } from './Attempt'
import { choose } from './choose'
import { forgotten, paidButFailed, paymentRejected } from './failures'
import { type Account, contextOf, lastPayer, type Payer, type Payment } from './Payer'
import { pathOf } from './pathOf'
import { pay } from './pay'
import { readPins } from './pin'
import { recover } from './recover'
import type { Offer, PaymentRequired } from './requirements'
import { release } from './settle'

/** How often another process's work is looked at, in milliseconds. */
const WATCH_MS = 100
/** How often a sign of life is given while a payment is under way, in milliseconds. */
const BEAT_MS = 200

/**
 * Meets the need of one exchange that got a 402, alone in this process: recovers an open attempt
 * first, and pays only when none is open. Resolves to undefined where another process met the need.
 * `required` is undefined where the 402 has no terms: then only recovery is possible. Where credit is
 * bought ahead, `isStillLow` decides in the place of the 402: one to a request without token says
 * nothing of the credit there is.
 */
export async function lead(
  payer: Payer,
  exchange: Exchange,
  next: Send,
  required: PaymentRequired | undefined,
  isStillLow?: () => Promise<boolean>,
): Promise<Response | 'met elsewhere' | 'no terms'> {
  for (const account of payer.accounts) {
    const open = await account.journal.open()
    if (!open) continue
    const recovered = await takeUp(payer, account, exchange, next, open)
    if (recovered) return recovered
  }
  if (!required) return 'no terms'
  const { account, offer } = await chooseFrom(payer, required, exchange)
  if (exchange.signed) {
    exchange.payment = undefined // The journal knows by now what became of it.
    throw await spent(account, exchange.signed)
  }
  if (!isStillLow && !payer.need) {
    // A 402 to one wallet's token says nothing of the credit that another bought.
    exchange.asked ??= new Map()
    if (exchange.token) exchange.asked.set(payer.sessions.active().address, exchange.turn)
    for (const each of new Set([(await lastPayer(payer.accounts)) ?? account, account])) {
      const asked = exchange.asked.get(each.wallet.address)
      const isTold = asked === exchange.turn // Whether this 402 is out of date is looked at below.
      if (isTold || (asked !== undefined && !(await isStale(payer, each, asked)))) continue
      if (await entered(payer, each, exchange)) return 'met elsewhere'
    }
  }
  const ahead = isStillLow && ({ ahead: true } as const)
  const mine = { ...intend(payer, account, offer), ...ahead }
  const standing = await account.journal.claim(mine)
  if (standing.id !== mine.id) {
    return (await takeUp(payer, account, exchange, next, standing)) ?? 'met elsewhere'
  }
  return work(payer, account, mine, exchange, async () => {
    if (isStillLow ? !(await isStillLow()) : await isStale(payer, account, exchange.turn)) {
      await release(payer, account, mine, 'abandoned', 'met by another payment')
      return 'met elsewhere'
    }
    Object.assign(account.made, { id: mine.id, turn: payer.sent.count })
    const payment = { payer, account, exchange, next, attempt: mine }
    const paid = await pay(payment, required, offer)
    if (!('verdict' in paid)) return paid
    const { attempt, verdict } = paid
    if (verdict.kind === 'refused') throw await paymentRejected({ ...payment, attempt })
    return (await recoverHere({ ...payment, attempt })) ?? 'met elsewhere'
  })
}

// A 402 to a request that was sent before another payment was met says nothing of what that bought,
// and not every gateway makes a new token of it. Looked at with the need in hand: no more are met now.
async function isStale(payer: Payer, { journal, met }: Account, turn: number) {
  const { sent, need } = payer
  if (need) return (await need.metBy(payer)) !== undefined
  const payments = (await journal.list()).filter(({ state }) => state === 'settled').length
  if (payments !== met.payments) Object.assign(met, { payments, turn: sent.count })
  return turn <= met.turn
}

// A 402 to a request without token says nothing of credit that was bought before: only a wallet that
// has asked for it, or cannot, may buy more.
async function entered(
  { signIn, sessions }: Payer,
  { journal, wallet }: Account,
  exchange: Exchange,
): Promise<boolean> {
  if (signIn === 'never') return false
  const hasBought = (await journal.list()).some(({ state }) => state === 'settled')
  if (!hasBought) return false
  try {
    const session = sessions.activate(wallet.address)
    if (!(await session.newest())) await session.signIn(exchange.signal)
    return true
  } catch (error) {
    if (isARouterError(error, 'sign_in_unavailable')) return false
    throw error
  }
}

/**
 * The offer to pay, and which of the wallets pays it.
 * @throws PaymentPolicyError `no_acceptable_offer`, `insufficient_funds`.
 */
export async function chooseFrom(payer: Payer, required: PaymentRequired, exchange: Exchange) {
  const choice = await choiceOf(payer, required, exchange)
  return choose((await payer.funds?.narrow(payer, choice, exchange)) ?? choice)
}

/** What a choice among the offers of `required` goes by. */
export async function choiceOf(payer: Payer, required: PaymentRequired, exchange: Exchange) {
  const { base, policy, accounts, sessions } = payer
  const pins = await readPins(payer)
  const preferred = sessions.active().address
  const { origin } = base
  return { required, origin, path: pathOf(exchange, base), accounts, policy, pins, preferred }
}

function intend(payer: Payer, { wallet }: Account, offer: Offer): Attempt {
  const { base, runtime, worker, need } = payer
  const now = runtime.now()
  return {
    v: 1,
    id: randomHex(16),
    state: 'intended',
    origin: base.origin,
    from: wallet.address,
    network: offer.network,
    amount: offer.amount.toString(),
    payTo: offer.payTo,
    ...need?.note(offer),
    createdAt: now,
    changedAt: now,
    worker,
    beat: now,
    lease: 0, // The journal gives it one.
  }
}

/** Recovers an open attempt, or waits while another process is at it. */
async function takeUp(
  payer: Payer,
  account: Account,
  exchange: Exchange,
  next: Send,
  open: Attempt,
): Promise<Response | 'met elsewhere' | undefined> {
  const { journal } = account
  let standing: Attempt | undefined = open
  for (;;) {
    const answered = payer.need?.answered(standing)
    if (answered) return answered
    if (await journal.isFree(standing, payer.worker)) break
    const { state } = standing
    await sleep(payer.runtime, WATCH_MS, exchange.signal)
    throwIfAborted(exchange.signal)
    if (state === 'settled' && !payer.need) return 'met elsewhere' // What it bought may serve by now.
    standing = await journal.open()
    if (!standing) {
      await refuseForgotten(payer, account, open)
      return 'met elsewhere'
    }
  }
  const taken = await journal.takeOver(standing, payer.worker)
  if (!taken) return refuseForgotten(payer, account, standing)
  if (taken.worker !== payer.worker || taken.id !== standing.id) return 'met elsewhere'
  const isSigned = taken.state !== 'intended' && taken.state !== 'abandoned'
  exchange.payment = isSigned ? contextOf(taken) : undefined
  return work(payer, account, taken, exchange, () =>
    recoverHere({ payer, account, exchange, next, attempt: taken }),
  )
}

// What its caller named was bought, and its answer dropped, while this call waited for it.
async function refuseForgotten({ need }: Payer, { journal }: Account, { id }: Attempt) {
  if (need?.answer !== 'kept') return undefined
  const entry = (await journal.list()).find((each) => each.id === id)
  if (entry?.state === 'settled') throw forgotten(id)
  return undefined
}

async function recoverHere(payment: Payment): Promise<Response | undefined> {
  const recovered = await recover(payment)
  if (!recovered) payment.exchange.payment = undefined // It is closed.
  return recovered
}

/** Runs `act` under a renewed lease. */
async function work<T>(
  payer: Payer,
  { journal }: Account,
  attempt: Attempt,
  exchange: Exchange,
  act: () => Promise<T>,
): Promise<T | 'met elsewhere'> {
  const stop = keepLease(payer, journal, attempt)
  try {
    return await act()
  } catch (error) {
    // Others need not wait for who is no longer at it. Should this fail, the lease runs out.
    await journal.lease(attempt, 'ended').catch(() => undefined)
    // Another process has taken the attempt over: once, this call asks for what that one got.
    if (isARouterError(error, 'attempt_superseded') && !exchange.superseded) {
      exchange.superseded = true
      return 'met elsewhere'
    }
    throw error
  } finally {
    stop()
  }
}

function keepLease({ runtime }: Payer, journal: Account['journal'], attempt: Attempt): () => void {
  let cancel = () => {}
  let isOver = false
  const renewLater = () => {
    if (isOver) return
    cancel = runtime.after(BEAT_MS, () => {
      // A lease that cannot be renewed runs out, and others take over: that is safe.
      journal.lease(attempt, 'renewed').then(renewLater, () => undefined)
    })
  }
  renewLater()
  return () => {
    isOver = true
    cancel()
  }
}

async function spent({ journal }: Account, id: string): Promise<ARouterError> {
  const attempt = (await journal.list()).find((entry) => entry.id === id)
  if (attempt?.state === 'dead') {
    return new ARouterError(
      402,
      'payment_expired',
      'The gateway did not take the payment of this call, and it has expired unused. Funds moved: no. Try again; if this goes on, check the clock.',
      { context: contextOf(attempt) },
    )
  }
  if (attempt?.state === 'writtenOff') {
    return new ARouterError(
      402,
      'payment_expired',
      'The payment of this call is not confirmed and has expired; it was given up, and counts as spent. Funds moved: maybe. Try again.',
      { fundsMoved: 'maybe', context: contextOf(attempt) },
    )
  }
  if (attempt) return paidButFailed(attempt, 402)
  return new PaidButFailedError(
    402,
    'This call has paid already. Funds moved: yes. Try again: the credit bought is used first.',
    { context: { attempt: id } },
  )
}
