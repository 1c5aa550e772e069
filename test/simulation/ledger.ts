import type { Json } from '../../packages/sdk/src/store/Store'
import { type Paid, STORE_KEYS, WINDOW_MS, type World } from './World'

/** Leave for what is booked when it is known and not when it happened, in milliseconds. */
const BOOKING_MS = 300_000

type Entry = { readonly [key: string]: Json }

/** The instants at which the oracles look. */
export type Ledger = {
  readonly onAsk: (process: string, signal: AbortSignal | undefined, amount: bigint) => void
  readonly onSign: (payment: Paid) => void
  readonly onSend: (payment: Paid | undefined, header: string, call: number | undefined) => void
  readonly onWrite: (key: string, before: Json | undefined, after: Json | undefined) => void
}

export function createLedger(world: World): Ledger {
  const { plan, timeline, values } = world

  // Whether `next` may be sent beside the payments that were sent before it.
  const mustBeAlone = (next: Paid) => {
    for (const other of world.payments.values()) {
      if (other === next || other.leftAt === undefined || other.writtenOff) continue
      if (other.creditedAt !== undefined) continue
      const isAlive = timeline.now() < other.validBefore * 1000
      if (isAnothersCredit(world)) continue
      if (other.settledAt !== undefined) {
        if (isOutOfOrder(world)) continue
        world.fail('double payment', `${next.nonce} sent: ${other.nonce} settled, never credited`)
      } else if (isAlive) {
        world.fail('double payment', `${next.nonce} sent: ${other.nonce} may still settle`)
      }
    }
  }

  return {
    onAsk: (process, signal, amount) => {
      world.count('signature asked for')
      const need = values.get(STORE_KEYS.need) as Entry | undefined
      const id = String(need?.id)
      const book = values.get(STORE_KEYS.budget) as Entry | undefined
      const reserved = (book?.reserved ?? {}) as Entry
      if (need?.state !== 'intended' || reserved[id] !== amount.toString()) {
        world.fail('signature without reservation', `by ${process}, ${need?.state}`)
      }
      if (signal?.aborted) world.fail('signature after abort', `by ${process}`)
      if (world.credit > 0 && isEarned(world) && isWithinReach(world)) {
        world.fail('double payment', `asked by ${process} with credit ${world.credit}`)
      }
    },

    onSign: (payment) => {
      world.count('signed')
      world.payments.set(payment.nonce, payment)
    },

    onSend: (payment, header, id) => {
      if (!payment) return world.fail('unknown payment', header.slice(0, 40))
      const call = id === undefined ? undefined : world.calls[id]
      call?.presented.add(payment.nonce)
      if (payment.leftAt !== undefined) return
      payment.leftAt = timeline.now()
      if (id !== undefined) payment.call = id
      world.count('payment sent')
      mustBeAlone(payment)
      const need = values.get(STORE_KEYS.need) as Entry | undefined
      const kept = (need?.header as Entry | undefined)?.value
      if (kept !== header) world.fail('sent before it was on record', payment.nonce)
    },

    onWrite: (key, before, after) => {
      if (key === STORE_KEYS.budget) {
        const booked = sumOf(after, 'reserved') + sumOf(after, 'spent')
        world.log(() => `   budget ${JSON.stringify(after)}`)
        if (booked > plan.limit) world.fail('budget over its limit', `${booked} of ${plan.limit}`)
      }
      if (!key.startsWith(STORE_KEYS.archive) || before !== undefined) return
      const entry = after as Entry
      world.log(() => `   archived ${entry.id} ${entry.state} (${entry.reason ?? entry.settledBy})`)
      world.count(`closed: ${entry.state}`)
      const payment = paymentOf(world, entry)
      if (!payment) return
      if (entry.state === 'writtenOff') {
        payment.writtenOff = true
        const isAlive = timeline.now() < payment.validBefore * 1000 && !payment.everSettled
        const byRule = entry.reason === 'unconfirmed past expiry'
        if (byRule && isAlive) world.fail('given up while alive', payment.nonce)
      }
      const isOver = timeline.now() > payment.validBefore * 1000
      if (entry.state === 'dead' && (payment.settledAt !== undefined || !isOver)) {
        world.fail('called dead', `${payment.nonce} at ${timeline.now()}`)
      }
      if (entry.state === 'abandoned' && payment.leftAt !== undefined) {
        world.fail('abandoned though sent', payment.nonce)
      }
    },
  }
}

// Credit may have come of a payment that a person gave up, or that a reorg undid for good.
function isEarned({ payments }: World): boolean {
  return [...payments.values()].every(
    ({ writtenOff, creditedAt, settledAt }) =>
      !writtenOff && (creditedAt === undefined || settledAt !== undefined),
  )
}

// Credit that comes of a payment a person gave up is taken for the next one's: that was their word.
function isAnothersCredit({ payments }: World): boolean {
  return [...payments.values()].some(
    ({ writtenOff, creditedAt }) => writtenOff && creditedAt !== undefined,
  )
}

// By a clock that goes back, an answer from before another worker's payment seems to have been served
// with it.
function isOutOfOrder({ counts, plan }: World): boolean {
  return (counts['clock jump'] ?? 0) > 0 && (plan.crashes > 0 || plan.processes > 1)
}

// Where nobody can sign in, credit is spent by a token alone: one that came with a receipt and was
// lost with it, on its way or in a store that failed, is out of everybody's reach.
function isWithinReach({ plan, values, counts }: World): boolean {
  if (plan.gateway.signIn !== 'none' || values.has(STORE_KEYS.session)) return true
  const isReceiptLost = ['receipt lost', 'receipt spoofed', 'drop', 'hang', 'cut'].some(
    (fault) => counts[`fault: ${fault}`],
  )
  return !isReceiptLost && !counts.crash && plan.storeFaults === 0
}

/** What the chain took inside the window must be counted in the budget, and within its limit. */
export function auditBudget(world: World): void {
  const since = world.timeline.now() - WINDOW_MS + BOOKING_MS
  let settled = 0n
  for (const { settledAt, amount } of world.payments.values()) {
    if (settledAt !== undefined && settledAt > since) settled += amount
  }
  const book = world.values.get(STORE_KEYS.budget)
  const booked = sumOf(book, 'reserved') + sumOf(book, 'spent')
  if (settled > booked) world.fail('money not in the budget', `${settled} moved, ${booked} booked`)
  if (settled > world.plan.limit) {
    world.fail('more moved than the limit', `${settled} of ${world.plan.limit}`)
  }
}

/** The payment a journal entry is about. */
export function paymentOf(world: World, entry: Entry): Paid | undefined {
  const nonce = (entry.evidence as Entry | undefined)?.nonce
  return typeof nonce === 'string' ? world.payments.get(nonce) : undefined
}

/** Whether the journal has closed the attempt that `payment` was signed for. */
export function isClosed(world: World, payment: Paid): boolean {
  for (const [key, entry] of world.values) {
    if (key.startsWith(STORE_KEYS.archive) && paymentOf(world, entry as Entry) === payment) {
      return true
    }
  }
  return false
}

export function sumOf(book: Json | undefined, part: 'reserved' | 'spent'): bigint {
  const amounts = ((book as Entry | undefined)?.[part] ?? {}) as Readonly<Record<string, string>>
  return Object.values(amounts).reduce((sum, amount) => sum + BigInt(amount), 0n)
}
