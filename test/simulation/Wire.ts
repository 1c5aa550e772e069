import type { Wallet } from '../../packages/sdk/src/wallet'
import type { Ledger } from './ledger'
import type { Deliver } from './network'
import type { World } from './World'

/** What connects clients to a gateway and its chains: a simulated network, or sockets. */
export type Wire = {
  readonly origin: string
  /** RPC servers by network. */
  readonly rpc: Readonly<Record<string, readonly string[]>>
  /** The request of a call, and whether a text answers it. */
  readonly request: (call: number) => { readonly path: string; readonly init: RequestInit }
  readonly answers: (text: string, call: number) => boolean
  readonly send: (process: string, url: string, init: RequestInit, deliver: Deliver) => void
  /** Ends what the far side does wrong by itself. */
  readonly calm: () => void
  /** Lets this much time pass for somebody who has nothing to do. */
  readonly rest: (ms: number) => Promise<void>
  /** The wallets of a client in `process`, whose every step outside goes through `touch`. */
  readonly openWallets: (process: string, touch: Touch) => readonly Wallet[]
}

/**
 * One step into the world, after at most `delay` ms: the process may die before it or after it, and it
 * may fail before or after it is done.
 */
export type Touch = <T>(
  what: string,
  delay: number,
  act: () => T | Promise<T>,
  mayFail?: number,
) => Promise<T>

export type Surroundings = {
  readonly world: World
  readonly ledger: Ledger
  readonly wire: Wire
}
