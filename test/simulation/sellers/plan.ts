import { chanceFrom } from '../Chance'

/** How a seller treats a signature it has taken before, and its own failures. */
export type Manner =
  /** A nonce that was used is refused. */
  | 'forgets'
  /** The same signature has the same answer again. */
  | 'remembers'
  /** As it forgets, and it takes the money only once its work is done. */
  | 'settles last'
  /** As it remembers, and speaks x402 v1. */
  | 'v1'

const MANNERS = ['forgets', 'remembers', 'settles last', 'v1'] as const

/** What happens in one schedule, drawn from its seed. */
export type SellerPlan = {
  readonly seed: number
  readonly manner: Manner
  /** How likely each answer goes wrong. */
  readonly faults: number
  /** How likely a process dies at each of its steps. */
  readonly crashes: number
  /** How likely the store fails at each of its steps. */
  readonly storeFaults: number
  /** How likely the chain cannot be asked. */
  readonly rpcFaults: number
  readonly processes: number
  readonly calls: number
  /** How many things there are to buy. */
  readonly things: number
  /** How likely a call names what it buys. */
  readonly named: number
  /** How likely a call buys a key of aixbt, which is shown once and has to be saved. */
  readonly keys: number
}

export function planOf(seed: number): SellerPlan {
  const { pick, between } = chanceFrom(seed)
  return {
    seed,
    manner: pick<Manner>(...MANNERS),
    faults: pick(0.05, 0.15, 0.4),
    crashes: pick(0, 0, 0.01, 0.05),
    storeFaults: pick(0, 0, 0.02),
    rpcFaults: pick(0, 0.3),
    processes: between(1, 3),
    calls: between(1, 12),
    things: between(1, 3),
    named: pick(0, 0.5, 1),
    keys: pick(0, 0.5, 1),
  }
}
