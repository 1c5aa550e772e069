import { ARouterError, isARouterError, retell } from '../errors'
import { plainCause } from '../plainCause'

/** What a store keeps: plain JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/**
 * Where sessions, pins, the journal and the budget live. One atomic operation carries all of the
 * safety: `update` of a single key.
 *
 * Nothing expires by itself. A record that has an end states it (a token, a lease, a calm, what was
 * spent in a window), and who reads it judges by the clock that it was written by; a payment, a pin or
 * a reservation that a store dropped on its own could be paid again, or pay somebody else. What is
 * past its end is overwritten or compacted, so a store grows with wallets and origins, not with time.
 */
export type Store = {
  /** True where what was written outlives the process. */
  readonly durable: boolean
  /** The value of `key`, or undefined. */
  readonly get: (key: string) => Promise<Json | undefined>
  /**
   * Atomically replaces the value of `key` by `change(current)` and resolves to what then stands,
   * durably. `change` is pure, may run more than once, deletes by returning undefined, and leaves
   * things alone by returning `current` itself. If it throws, nothing is written.
   * @throws ARouterError `store_failed`: either what stood before stands, or the change does.
   * @throws ARouterError `store_unreadable`: what is stored was left as it is.
   */
  readonly update: (
    key: string,
    change: (current: Json | undefined) => Json | undefined,
  ) => Promise<Json | undefined>
  /** The entries whose key begins with `prefix`, in the order of their keys. */
  readonly list: (prefix: string) => Promise<readonly (readonly [key: string, value: Json])[]>
  /** Where it can be known who works on the store: a worker that has gone is not waited for. */
  readonly presence?: Presence | undefined
}

/** The workers on a store. All of them must be announced, by whichever client they are of. */
export type Presence = {
  /** Makes it known that `worker` is there, until its process or page ends. Safe to repeat. */
  readonly announce: (worker: string) => Promise<void>
  readonly isThere: (worker: string) => Promise<boolean>
}

/** The error for a store that could not read or write. Nothing is signed without it. */
export function storeFailed(cause: unknown): ARouterError {
  return new ARouterError(
    0,
    'store_failed',
    'The store could not be read or written. Funds moved: no. Look at the cause: a full disk, missing rights, a lost connection.',
    { cause: plainCause(cause) },
  )
}

/** `store`, with every failure of it a typed error of this copy of the package. */
export function guarded(store: Store): Store {
  const { presence } = store
  return {
    durable: store.durable,
    get: (key) => retold(() => store.get(key)),
    update: (key, change) => retold(() => store.update(key, change)),
    list: (prefix) => retold(() => store.list(prefix)),
    presence: presence && {
      announce: (worker) => retold(() => presence.announce(worker)),
      isThere: (worker) => retold(() => presence.isThere(worker)),
    },
  }
}

async function retold<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof ARouterError) throw cause
    throw isARouterError(cause) ? retell(cause) : storeFailed(cause)
  }
}
