import type { Json } from '../../packages/sdk/src/store/Store'
import { auditBudget, paymentOf, sumOf } from './ledger'
import { STORE_KEYS, type World } from './World'

type Entry = { readonly [key: string]: Json }

const ENDS = new Set<unknown>(['settled', 'dead', 'abandoned', 'writtenOff'])

/** What must be true of the books once a schedule is over. */
export function auditBooks(world: World): void {
  const { values, payments } = world
  const open = values.get(STORE_KEYS.need) as Entry | undefined
  const archived = [...values]
    .filter(([key]) => key.startsWith(STORE_KEYS.archive))
    .map(([, value]) => value as Entry)
    .filter(({ id }) => id !== 'before')
  const entries = open ? [open, ...archived.filter(({ id }) => id !== open.id)] : archived
  for (const entry of archived) {
    if (!ENDS.has(entry.state)) world.fail('closed without an end', `${entry.id} ${entry.state}`)
  }
  const recorded = new Set(entries.map((entry) => paymentOf(world, entry)))
  for (const payment of payments.values()) {
    if (payment.leftAt === undefined || recorded.has(payment)) continue
    world.fail('lost', `${payment.nonce} was sent and is not in the journal`)
  }
  for (const entry of archived) {
    const payment = paymentOf(world, entry)
    if (
      payment?.settledAt !== undefined &&
      (entry.state === 'dead' || entry.state === 'abandoned')
    ) {
      world.fail('lost', `${payment.nonce} settled and is booked as ${entry.state}`)
    }
    const isGivenUp = [...payments.values()].some(({ writtenOff }) => writtenOff)
    if (
      entry.state === 'settled' &&
      !isGivenUp &&
      payment?.creditedAt === undefined &&
      !payment?.everSettled
    ) {
      world.fail('invented', `${entry.id} is booked as settled`)
    }
  }
  auditBudget(world)
  auditSums(world, entries, open)
}

// To the unit: what is signed and not provably dead is what the budget counts, and nothing else.
function auditSums(world: World, entries: readonly Entry[], open: Entry | undefined): void {
  const { values, plan, counts } = world
  if (plan.profile === 'days') return
  const book = values.get(STORE_KEYS.budget)
  const booked = sumOf(book, 'reserved') + sumOf(book, 'spent')
  let counted = 0n
  for (const entry of entries) {
    const isCounted =
      entry.state !== 'dead' && entry.state !== 'abandoned' && entry.state !== 'intended'
    if (isCounted) counted += BigInt(String(entry.amount))
  }
  // An end that is written down and not yet carried through may still hold its reservation.
  const isEnding = open && ['intended', 'abandoned', 'dead'].includes(String(open.state))
  const intended = isEnding ? BigInt(String(open.amount)) : 0n
  // What was booked as spent and then undone by a reorg, or by a death in the middle of giving it up,
  // stays booked: too much is counted then, never too little.
  // So does what a worker reserved that died then, for an attempt that another, whose clock is ahead,
  // had given up already.
  const lingering =
    (counts.reorg || counts['written off'] || counts.crash ? sumIn(entries, 'dead') : 0n) +
    (counts.crash && counts['clock jump'] ? sumIn(entries, 'abandoned') : 0n)
  if (booked < counted || booked > counted + intended + lingering) {
    world.fail('books differ', `journal ${counted}, budget ${booked}`)
  }
}

function sumIn(entries: readonly Entry[], end: 'dead' | 'abandoned'): bigint {
  return entries
    .filter(({ state }) => state === end)
    .reduce((sum, { amount }) => sum + BigInt(String(amount)), 0n)
}
