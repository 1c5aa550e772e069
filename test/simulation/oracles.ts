import type { Json } from '../../packages/sdk/src/store/Store'
import type { Holder } from './Holder'
import { auditBudgets, bookedIn, isAnothersCredit, paymentOf } from './ledger'
import type { World } from './World'

type Entry = { readonly [key: string]: Json }

const ENDS = new Set<unknown>(['settled', 'dead', 'abandoned', 'writtenOff'])

/** What must be true of the books once a schedule is over. */
export function auditBooks(world: World): void {
  const recorded = new Set(world.holders.flatMap((holder) => auditHolder(world, holder)))
  for (const payment of world.payments.values()) {
    // What moved no money makes room in the journal, in time.
    const isGone = payment.closed && payment.settledAt === undefined
    if (payment.leftAt === undefined || recorded.has(payment) || isGone) continue
    world.fail('lost', `${payment.mark} was sent and is not in the journal`)
  }
  auditBudgets(world)
}

// The payments that are in the journal of one wallet.
function auditHolder(world: World, holder: Holder) {
  const { values, payments, plan } = world
  const { keys } = holder
  const open = values.get(keys.need) as Entry | undefined
  const archived = [...values]
    .filter(([key]) => key.startsWith(keys.archive))
    .map(([, value]) => value as Entry)
    .filter(({ id }) => id !== 'before')
  const entries = open ? [open, ...archived.filter(({ id }) => id !== open.id)] : archived
  const isGivenUp = [...payments.values()].some(
    (payment) => payment.holder === holder && payment.writtenOff,
  )
  const isMisled = isGivenUp || isAnothersCredit(world, holder)
  for (const entry of archived) {
    const { id, state } = entry
    if (!ENDS.has(state)) world.fail('closed without an end', `${id} ${state}`)
    const payment = paymentOf(world, entry)
    if (payment?.settledAt !== undefined && (state === 'dead' || state === 'abandoned')) {
      world.fail('lost', `${payment.mark} settled and is booked as ${state}`)
    }
    const isReal =
      payment?.creditedAt !== undefined || payment?.claimedAt !== undefined || payment?.everSettled
    if (state === 'settled' && !isMisled && !isReal) {
      world.fail('invented', `${id} is booked as settled`)
    }
  }
  if (plan.profile !== 'days') {
    auditSums(world, keys.budget, entries, open)
    if (plan.perOrigin !== undefined) auditSums(world, keys.budgetHere, entries, open)
  }
  return entries.map((entry) => paymentOf(world, entry))
}

// To the unit: what is signed and not provably dead is what the budget counts, and nothing else.
function auditSums(
  world: World,
  key: string,
  entries: readonly Entry[],
  open: Entry | undefined,
): void {
  const { counts } = world
  const booked = bookedIn(world, key)
  let counted = 0n
  for (const entry of entries) {
    const isCounted =
      entry.state !== 'dead' && entry.state !== 'abandoned' && entry.state !== 'intended'
    if (isCounted) counted += BigInt(String(entry.amount))
  }
  // An end that is written down and not yet carried through may still hold its reservation.
  const isEnding = open && ['intended', 'abandoned', 'dead'].includes(String(open.state))
  const intended = isEnding ? BigInt(String(open.amount)) : 0n
  // What was booked as spent and then undone by a reorg, was never settled but served as if it were, or
  // met a death in the middle of giving it up, stays booked: too much is counted then, never too little.
  // So does what a worker reserved that died then, for an attempt that another, whose clock is ahead,
  // had given up already.
  const lingering =
    (isOvercounted(counts) ? sumIn(entries, 'dead') : 0n) +
    (counts.crash && counts['clock jump'] ? sumIn(entries, 'abandoned') : 0n)
  if (booked < counted || booked > counted + intended + lingering) {
    world.fail('books differ', `journal ${counted}, ${key} ${booked}`)
  }
}

function isOvercounted(counts: World['counts']): boolean {
  const causes = ['reorg', 'written off', 'crash', 'not settled, and the receipt claims it']
  return causes.some((cause) => counts[cause])
}

function sumIn(entries: readonly Entry[], end: 'dead' | 'abandoned'): bigint {
  return entries
    .filter(({ state }) => state === end)
    .reduce((sum, { amount }) => sum + BigInt(String(amount)), 0n)
}
