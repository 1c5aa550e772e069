import { readAttempt } from '../../../packages/sdk/src/payment/Attempt'
import type { Json, Store } from '../../../packages/sdk/src/store/Store'
import type { StoreBook } from './Books'

/** The journals and budgets in a store, of all wallets and origins. Rejects where it cannot be read. */
export async function readStore(store: Store): Promise<StoreBook> {
  const [open, closed, budgets] = await Promise.all(
    ['need/', 'attempt/', 'budget/'].map((prefix) => store.list(prefix)),
  )
  // A process that ends in between has archived what is still open.
  const attempts = new Map(
    [...(closed ?? []), ...(open ?? [])].map(([key, value]) => {
      const attempt = readAttempt(value, key)
      return [attempt.id, attempt]
    }),
  )
  return {
    attempts: [...attempts.values()],
    budgets: (budgets ?? []).filter(isWallets).map(([key, value]) => {
      const { reserved, spent } = value as unknown as Budget // As budget.ts wrote it.
      return {
        address: key.slice('budget/'.length),
        reserved: Object.fromEntries(
          Object.entries(reserved).map(([id, amount]) => [id, BigInt(amount)]),
        ),
        spent: Object.values(spent).reduce((sum, amount) => sum + BigInt(amount), 0n),
      }
    }),
  }
}

type Budget = Readonly<Record<'reserved' | 'spent', Readonly<Record<string, string>>>>

/** Not the part of it that is for one origin. */
function isWallets([key]: readonly [key: string, value: Json]): boolean {
  return key.split('/').length === 2
}
