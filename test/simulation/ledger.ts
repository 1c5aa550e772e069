import type { Json } from '../../packages/sdk/src/store/Store'
import type { Holder } from './Holder'
import { offersOf, rightAmount, worthOf } from './terms'
import { type Paid, WINDOW_MS, type World } from './World'

/** Leave for what is booked when it is known and not when it happened, in milliseconds. */
const BOOKING_MS = 300_000
/** A top-up that was settled, as far as the gateway says, and served nothing is not followed by another. */
const CALM_MS = 60_000

type Entry = { readonly [key: string]: Json }

/** The instants at which the oracles look. */
export type Ledger = {
  readonly onAsk: (
    holder: Holder,
    process: string,
    signal: AbortSignal | undefined,
    amount: bigint,
  ) => void
  readonly onSign: (payment: Paid) => void
  readonly onSend: (payment: Paid | undefined, header: string, call: number | undefined) => void
  readonly onWrite: (key: string, before: Json | undefined, after: Json | undefined) => void
}

export function createLedger(world: World): Ledger {
  const { plan, timeline, values, holders } = world
  const offers = offersOf(plan.gateway, holders)
  const right = rightAmount(offers, plan.topUp)
  const limits = new Map(
    holders.flatMap(({ keys }) => [
      [keys.budget, plan.limit] as const,
      ...(plan.perOrigin === undefined ? [] : [[keys.budgetHere, plan.perOrigin] as const]),
    ]),
  )

  // Whether `next` may be sent beside the payments that were sent before it.
  const mustBeAlone = (next: Paid) => {
    for (const other of world.payments.values()) {
      if (other === next || other.leftAt === undefined || other.writtenOff) continue
      if (other.claimedAt !== undefined && mayHaveMoved(other, timeline.now())) {
        mayFollow(next, other.claimedAt)
      }
      if (other.creditedAt !== undefined || other.claimedAt !== undefined) continue
      if (other.holder !== next.holder) {
        if (mayMove(other, timeline.now())) world.count('two wallets have paid at once')
        continue
      }
      if (isAnothersCredit(world, next.holder)) continue
      if (other.settledAt !== undefined) {
        if (isOutOfOrder(world)) continue
        world.fail('double payment', `${next.mark} sent: ${other.mark} settled, never credited`)
      } else if (mayMove(other, timeline.now())) {
        world.fail('double payment', `${next.mark} sent: ${other.mark} may still settle`)
      }
    }
  }

  // Whoever says that a payment has settled, and serves nothing, gets one a minute at most.
  const mayFollow = (next: Paid, claimedAt: number) => {
    const isServed = world.servedAt >= claimedAt
    if (isServed || world.counts['clock jump'] || timeline.now() - claimedAt >= CALM_MS) return
    world.fail('drained', `${next.mark} ${timeline.now() - claimedAt} ms after a claim`)
  }

  const bookOf = (key: string) => (values.get(key) as Entry | undefined)?.reserved as Entry

  return {
    onAsk: (holder, process, signal, amount) => {
      world.count('signature asked for')
      const need = values.get(holder.keys.need) as Entry | undefined
      const id = String(need?.id)
      const isReserved = [...limits.keys()]
        .filter((key) => key === holder.keys.budget || key === holder.keys.budgetHere)
        .every((key) => bookOf(key)?.[id] === amount.toString())
      if (need?.state !== 'intended' || !isReserved) {
        world.fail('signature without reservation', `by ${process}, ${need?.state}`)
      }
      if (signal?.aborted) world.fail('signature after abort', `by ${process}`)
      if (amount !== right) world.fail('another amount', `${amount} of ${right}`)
      for (const owner of holders) {
        const left = world.credit.get(owner.address) ?? 0
        const isLow = worthOf(left, plan.gateway) < (plan.topUpBelow ?? 1n)
        if (isLow || !isEarned(world, owner) || !isWithinReach(world, owner)) continue
        // Which wallet paid last is not told by a store that forgets, nor by a clock that goes back.
        const isTold = plan.durable && !world.counts['clock jump']
        if (owner !== holder && !isTold) world.count('paid with credit left at another wallet')
        else world.fail('double payment', `asked by ${process} with credit ${left}`)
      }
    },

    onSign: (payment) => {
      world.count('signed')
      world.payments.set(payment.mark, payment)
    },

    onSend: (payment, header, id) => {
      if (!payment) return world.fail('unknown payment', header.slice(0, 40))
      if (id !== undefined) world.calls[id]?.presented.add(payment)
      if (payment.leftAt !== undefined) return
      payment.leftAt = timeline.now()
      if (id !== undefined) payment.call = id
      world.count('payment sent')
      mustBeAlone(payment)
      const need = values.get(payment.holder.keys.need) as Entry | undefined
      const kept = (need?.header as Entry | undefined)?.value
      if (kept !== header) world.fail('sent before it was on record', payment.mark)
    },

    onWrite: (key, before, after) => {
      const limit = limits.get(key)
      if (limit !== undefined) {
        const booked = sumOf(after, 'reserved') + sumOf(after, 'spent')
        world.log(() => `   ${key} ${JSON.stringify(after)}`)
        if (booked > limit) world.fail('budget over its limit', `${booked} of ${limit}`)
      }
      if (before !== undefined || !holders.some(({ keys }) => key.startsWith(keys.archive))) return
      const entry = after as Entry
      world.log(() => `   archived ${entry.id} ${entry.state} (${entry.reason ?? entry.settledBy})`)
      world.count(`closed: ${entry.state}`)
      const payment = paymentOf(world, entry)
      if (payment) auditEnd(world, entry, payment)
    },
  }
}

// What is true of a payment at the moment its attempt is closed.
function auditEnd(world: World, { state, reason }: Entry, payment: Paid): void {
  const now = world.timeline.now()
  payment.closed = true
  if (state === 'writtenOff') {
    payment.writtenOff = true
    const byRule = reason === 'unconfirmed past expiry'
    if (byRule && mayMove(payment, now) && !payment.everSettled) {
      world.fail('given up while alive', payment.mark)
    }
  }
  if (state === 'dead' && mayHaveMoved(payment, now)) {
    world.fail('called dead', `${payment.mark} at ${now}`)
  }
  if (state === 'abandoned' && payment.leftAt !== undefined) {
    world.fail('abandoned though sent', payment.mark)
  }
}

/** Whether it has not settled, and still can. */
export function mayMove({ settledAt, failedAt, endsAt }: Paid, now: number): boolean {
  return settledAt === undefined && failedAt === undefined && now < endsAt
}

function mayHaveMoved(payment: Paid, now: number): boolean {
  return payment.settledAt !== undefined || mayMove(payment, now)
}

// Credit may have come of a payment that a person gave up, that a reorg undid for good, or that had
// been claimed to be settled before, and so to be used up.
function isEarned({ payments }: World, owner: Holder): boolean {
  return [...payments.values()].every(
    ({ holder, writtenOff, creditedAt, settledAt, claimedAt }) => {
      if (holder !== owner) return true
      const isOff = writtenOff || claimedAt !== undefined || settledAt === undefined
      return !writtenOff && (creditedAt === undefined || !isOff)
    },
  )
}

/**
 * Whether credit came of a payment that had been closed: one that a person gave up, or that the gateway
 * claimed before it settled. It is taken for that of the next one.
 */
export function isAnothersCredit({ payments }: World, owner: Holder): boolean {
  return [...payments.values()].some(
    ({ holder, writtenOff, claimedAt, creditedAt }) =>
      holder === owner && (writtenOff || claimedAt !== undefined) && creditedAt !== undefined,
  )
}

// By a clock that goes back, an answer from before another worker's payment seems to have been served
// with it.
function isOutOfOrder({ counts, plan }: World): boolean {
  return (counts['clock jump'] ?? 0) > 0 && (plan.crashes > 0 || plan.processes > 1)
}

// Where nobody can sign in, credit is spent by a token alone: one that came with a receipt and was
// lost with it, on its way or in a store that failed, is out of everybody's reach.
function isWithinReach({ plan, values, counts }: World, { keys }: Holder): boolean {
  if (plan.gateway.signIn !== 'none' || values.has(keys.session)) return true
  const isReceiptLost = ['receipt lost', 'receipt spoofed', 'drop', 'hang', 'cut'].some(
    (fault) => counts[`fault: ${fault}`],
  )
  return !isReceiptLost && !counts.crash && plan.storeFaults === 0
}

/** What the chain took inside the window must be counted in each budget, and within its limit. */
export function auditBudgets(world: World): void {
  const since = world.timeline.now() - WINDOW_MS + BOOKING_MS
  const { limit, perOrigin } = world.plan
  for (const owner of world.holders) {
    let settled = 0n
    for (const { holder, settledAt, amount } of world.payments.values()) {
      if (holder === owner && settledAt !== undefined && settledAt > since) settled += amount
    }
    auditBudget(world, owner.keys.budget, limit, settled)
    if (perOrigin !== undefined) auditBudget(world, owner.keys.budgetHere, perOrigin, settled)
  }
}

function auditBudget(world: World, key: string, limit: bigint, settled: bigint): void {
  const booked = bookedIn(world, key)
  if (settled > booked) {
    world.fail('money not in the budget', `${settled} moved, ${booked} booked in ${key}`)
  }
  if (settled > limit) world.fail('more moved than the limit', `${settled} of ${limit} in ${key}`)
}

/** All that a budget counts. */
export function bookedIn({ values }: World, key: string): bigint {
  const book = values.get(key)
  return sumOf(book, 'reserved') + sumOf(book, 'spent')
}

/** The payment a journal entry is about. */
export function paymentOf(world: World, entry: Entry): Paid | undefined {
  const { nonce, signature } = (entry.evidence as Entry | undefined) ?? {}
  const mark = nonce ?? signature
  return typeof mark === 'string' ? world.payments.get(mark) : undefined
}

function sumOf(book: Json | undefined, part: 'reserved' | 'spent'): bigint {
  const amounts = ((book as Entry | undefined)?.[part] ?? {}) as Readonly<Record<string, string>>
  return Object.values(amounts).reduce((sum, amount) => sum + BigInt(amount), 0n)
}
