import { ARouterError, isARouterError, retell } from '../errors'

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
}

/** True for a JSON object as opposed to a list or a scalar. */
export function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The error for a record this version cannot read. Nothing is signed on the strength of it. `key` is
 * the record's, or names what holds it; `file` says where it lies.
 */
export function unreadable(key: string, file?: string): ARouterError {
  const where = file === undefined ? key : `${key} (${file})`
  return new ARouterError(
    0,
    'store_unreadable',
    `The stored record ${where} is damaged or of a newer version. Funds moved: no, nothing was signed. Upgrade the SDK, or restore the store.`,
    { context: file === undefined ? { key } : { key, file } },
  )
}

/** The error for a store that could not read or write. Nothing is signed without it. */
export function storeFailed(cause: unknown): ARouterError {
  return new ARouterError(
    0,
    'store_failed',
    'The store could not be read or written. Funds moved: no. Look at the cause: a full disk, missing rights, a lost connection.',
    { cause },
  )
}

/** `store`, with every failure of it a typed error of this copy of the package. */
export function guarded(store: Store): Store {
  const fail = (cause: unknown) => {
    if (cause instanceof ARouterError) throw cause
    throw isARouterError(cause) ? retell(cause) : storeFailed(cause)
  }
  // Async, so that a store that throws at once fails like any other.
  return {
    durable: store.durable,
    get: async (key) => store.get(key).catch(fail),
    update: async (key, change) => store.update(key, change).catch(fail),
    list: async (prefix) => store.list(prefix).catch(fail),
  }
}
