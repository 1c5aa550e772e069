import { addressKey } from '../../addressKey'
import { PLENTY } from '../plenty'

/** USDC held by addresses of one network, in atomic units. */
export interface Balances {
  of(address: string): bigint
  set(address: string, amount: bigint): void
  move(from: string, to: string, amount: bigint): void
  addresses(): readonly string[]
  reset(): void
  save(): SavedBalances
  load(saved: SavedBalances): void
}

/** What each address known holds. */
export type SavedBalances = readonly { readonly address: string; readonly amount: bigint }[]

/** Balances that start as given; with `unlimited`, everyone but `empty` starts with plenty. */
export function createBalances(
  start: 'unlimited' | ReadonlyMap<string, bigint>,
  empty: string,
): Balances {
  const held = new Map<string, { address: string; amount: bigint }>()
  const set = (address: string, amount: bigint) =>
    held.set(addressKey(address), { address, amount })
  const of = (address: string) =>
    held.get(addressKey(address))?.amount ?? (start === 'unlimited' ? PLENTY : 0n)
  const reset = () => {
    held.clear()
    set(empty, 0n)
    if (start !== 'unlimited') for (const [address, amount] of start) set(address, amount)
  }
  reset()
  return {
    of,
    set,
    move: (from, to, amount) => {
      set(from, of(from) - amount)
      set(to, of(to) + amount)
    },
    addresses: () => [...held.values()].map(({ address }) => address),
    reset,
    save: () => [...held.values()],
    load: (saved) => {
      for (const { address, amount } of saved) set(address, amount)
    },
  }
}
