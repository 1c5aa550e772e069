import type { Store } from '../../../packages/sdk/src/store/Store'

const shared = new Set<Store>()
const own = new Set<Store>()
let noting = shared

/** From now on `store` is one of those that clients keep their books in. */
export function noteStore(store: Store): void {
  noting.add(store)
}

/** The stores of all clients that were made by the running test, or before the first one of its file. */
export function notedStores(): readonly Store[] {
  return [...new Set([...shared, ...own])]
}

/** A test begins: the stores of the one before it are no longer of interest. */
export function forgetOwnStores(): void {
  noting = own
  own.clear()
}
