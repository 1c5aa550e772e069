import { isObject } from '../encoding'
import { PaymentPolicyError, unreadable } from '../errors'
import type { Json, Store } from '../store/Store'
import { superseded } from './failures'
import { formatMoney } from './formatMoney'

/** What a wallet has spent and set aside, in atomic units of USDC. */
export type BudgetStatus = {
  /** The wallet. */
  readonly address: string
  readonly limit: bigint
  /** Signed, and not yet known to be settled or dead. Counted in full. */
  readonly reserved: bigint
  /** Settled inside the window. */
  readonly spent: bigint
  readonly remaining: bigint
  /** The same for this origin alone, where `budget.perOrigin` limits it. */
  readonly here?: Pick<BudgetStatus, 'limit' | 'reserved' | 'spent' | 'remaining'>
}

/** A rolling limit that no number of processes on one store can pass. */
export type Budget = {
  /**
   * Sets `amount` aside for attempt `id`.
   * @throws PaymentPolicyError `budget_exceeded`; ARouterError `attempt_superseded` where another
   * worker has given it up meanwhile.
   */
  readonly reserve: (id: string, amount: bigint) => Promise<void>
  /** Turns a reservation into spending, once. */
  readonly commit: (id: string) => Promise<void>
  /** Frees a reservation: only for what was never sent, or is provably dead. */
  readonly release: (id: string) => Promise<void>
  readonly status: () => Promise<BudgetStatus>
}

type Book = {
  readonly reserved: Readonly<Record<string, string>>
  /** Amounts by the end of the bucket they fall in, in milliseconds. */
  readonly spent: Readonly<Record<string, string>>
  /** The ids last released: what a slow worker sets aside after that would be counted for good. */
  readonly released: readonly string[]
  /** The longest window of all clients on this store: what none of them counts is forgotten. */
  readonly longest: number
}

const BUCKETS = 96
const MOST_RELEASED = 32

export function createBudget(
  store: Store,
  address: string,
  policy: { readonly limit: bigint; readonly window: number },
  now: () => number,
  key = `budget/${address}`,
): Budget {
  const bucket = Math.max(1, Math.ceil(policy.window / BUCKETS))
  const read = (value: Json | undefined): Book => {
    const book = readBook(value, key)
    const longest = Math.max(book.longest, policy.window)
    return { ...book, longest, spent: within(book.spent, now() - longest) }
  }
  // A bucket counts until its last moment has left the window: never too little.
  const spentIn = (book: Book) => total(within(book.spent, now() - policy.window))

  const change = async (edit: (book: Book) => Book) => {
    await store.update(key, (current) => ({ v: 1, ...edit(read(current)) }))
  }

  return {
    reserve: (id, amount) =>
      change((book) => {
        if (book.released.includes(id)) throw superseded(id)
        // A store may run this again after a write whose answer was lost: the same id counts once.
        const { [id]: _, ...others } = book.reserved
        const left = policy.limit - total(others) - spentIn(book)
        if (amount > left) throw budgetExceeded(amount, left, policy.limit)
        return { ...book, reserved: { ...book.reserved, [id]: amount.toString() } }
      }),
    commit: (id) =>
      change((book) => {
        const { [id]: amount, ...reserved } = book.reserved
        if (amount === undefined) return book
        const end = String(now() - (now() % bucket) + bucket)
        const sum = BigInt(book.spent[end] ?? 0) + BigInt(amount)
        return { ...book, reserved, spent: { ...book.spent, [end]: sum.toString() } }
      }),
    release: (id) =>
      change((book) => {
        const { [id]: _, ...reserved } = book.reserved
        const others = book.released.filter((other) => other !== id)
        return { ...book, reserved, released: [id, ...others].slice(0, MOST_RELEASED) }
      }),
    status: async () => {
      const book = read(await store.get(key))
      const [reserved, spent] = [total(book.reserved), spentIn(book)]
      const left = policy.limit - reserved - spent
      return { address, limit: policy.limit, reserved, spent, remaining: left > 0n ? left : 0n }
    },
  }
}

/** Both limits at once: what `inner` has no room for is not set aside in `outer` either. */
export function bothBudgets(outer: Budget, inner: Budget): Budget {
  const both = (act: (budget: Budget) => Promise<void>) => act(inner).then(() => act(outer))
  return {
    reserve: async (id, amount) => {
      await inner.reserve(id, amount)
      try {
        await outer.reserve(id, amount)
      } catch (error) {
        await inner.release(id)
        throw error
      }
    },
    commit: (id) => both((budget) => budget.commit(id)),
    release: (id) => both((budget) => budget.release(id)),
    status: async () => {
      const [all, here] = await Promise.all([outer.status(), inner.status()])
      const { limit, reserved, spent, remaining } = here
      return { ...all, here: { limit, reserved, spent, remaining } }
    },
  }
}

function within(spent: Book['spent'], from: number): Book['spent'] {
  return Object.fromEntries(Object.entries(spent).filter(([end]) => Number(end) > from))
}

function readBook(value: Json | undefined, key: string): Book {
  if (value === undefined) return { reserved: {}, spent: {}, released: [], longest: 0 }
  if (!isObject(value) || value.v !== 1) throw unreadable(key)
  const { reserved, spent, released, longest } = value
  if (
    !areAmounts(reserved) ||
    !areAmounts(spent) ||
    !Object.keys(spent).every((end) => DIGITS.test(end)) ||
    !Array.isArray(released) ||
    !released.every((id) => typeof id === 'string') ||
    typeof longest !== 'number'
  ) {
    throw unreadable(key)
  }
  return { reserved, spent, released, longest }
}

const DIGITS = /^\d+$/

function areAmounts(value: unknown): value is Readonly<Record<string, string>> {
  if (!isObject(value)) return false
  return Object.values(value).every((each) => typeof each === 'string' && DIGITS.test(each))
}

function total(amounts: Readonly<Record<string, string>>): bigint {
  return Object.values(amounts).reduce((sum, amount) => sum + BigInt(amount), 0n)
}

/** There is less left than a payment takes. */
export function budgetExceeded(amount: bigint, left: bigint, limit: bigint): PaymentPolicyError {
  const rest = left > 0n ? left : 0n
  return new PaymentPolicyError(
    'budget_exceeded',
    `${formatMoney(amount)} is more than the ${formatMoney(rest)} left of the ${formatMoney(limit)} budget. Funds moved: no, nothing was signed. Wait for the window to pass, or raise budget.limit.`,
    { context: { amount: amount.toString(), left: rest.toString(), limit: limit.toString() } },
  )
}
