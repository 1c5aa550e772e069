import type { Hex } from 'viem'

/** Where a process keeps its books; Redis `at` a URL or the path of a socket. */
export type Place =
  | { readonly kind: 'file'; readonly folder: string }
  | { readonly kind: 'redis'; readonly at: string; readonly prefix: string }

/** How long Redis and a gateway are waited for (ms): two cores are few for a fleet and all it talks to. */
export const PATIENCE_MS = 300_000

/** What an agent is told to do: `calls` chat completions at once, by one wallet at one gateway. */
export type Task = {
  readonly id: number
  readonly gateway: string
  /** The key of an EVM wallet; where `solana` is named, of one there. */
  readonly key: Hex
  /** RPC URLs of Solana networks, for a wallet that pays there. */
  readonly solana?: Readonly<Record<string, string>>
  readonly place: Place
  readonly calls: number
  /** The budget's limit, where it is not the default. */
  readonly limit?: `$${string}`
  /** The step at which the process kills itself. */
  readonly diesAt?: number
}

/** What came of a task. */
export type Done = {
  readonly id: number
  readonly answered: number
  /** How many calls failed, by the error's code. */
  readonly errors: Readonly<Record<string, number>>
  /** Milliseconds until the last call had ended. */
  readonly took: number
  /** How many steps it was. */
  readonly steps: number
  readonly transfers: number
  readonly signIns: number
}

/** A line an agent writes. */
export type Line =
  | { readonly type: 'ready' }
  | { readonly type: 'begun'; readonly id: number }
  | (Done & { readonly type: 'done' })
