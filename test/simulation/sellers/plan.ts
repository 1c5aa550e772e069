import { chanceFrom } from '../Chance'

/** Whose protocol is spoken: any x402 seller's, or that of one of three systems. */
export const SYSTEMS = ['x402', 'aixbt', 'key0', 'solrouter'] as const
export type SystemName = (typeof SYSTEMS)[number]

/** How a seller treats a signature it has taken before, and its own failures. */
export type Manner =
  /** A nonce that was used is refused. */
  | 'forgets'
  /** The same signature has the same answer again. */
  | 'remembers'
  /** As it forgets, and it takes the money only once its work is done. */
  | 'settles last'

const MANNERS = ['forgets', 'remembers', 'settles last'] as const

/** What happens in one schedule, drawn from its seed. */
export type SellerPlan = {
  readonly seed: number
  readonly system: SystemName
  readonly manner: Manner
  /** Of x402. */
  readonly version: 1 | 2
  readonly chain: 'eip155' | 'solana'
  /** How plans of Key0 are asked for. */
  readonly transport: 'http' | 'a2a' | 'mcp'
  /** How likely each answer goes wrong, or a seller fails at one step of a sale. */
  readonly faults: number
  /** How likely the terms of a 402 are not the seller's. */
  readonly hostile: number
  /** How likely a process dies at each of its steps. */
  readonly crashes: number
  /** How likely the store fails at each of its steps. */
  readonly storeFaults: number
  /** How likely the chain cannot be asked. */
  readonly rpcFaults: number
  /** How likely what was bought cannot be put away by its buyer. */
  readonly saveFaults: number
  readonly processes: number
  readonly calls: number
  /** How many things there are to buy. */
  readonly things: number
  /** How likely a call names what it buys. */
  readonly named: number
  /** How likely a call is for something that ends and is renewed, or for one request, where a system has both. */
  readonly others: number
  /** Seconds for which such a thing lasts. */
  readonly lasts: number
  /** How many times the dearest thing the budget has room for. */
  readonly room: number
  /** What a person says who is asked before each payment. */
  readonly approve: 'unasked' | 'yes' | 'mostly'
}

/** What a system leaves open is drawn. */
const RULES: Readonly<Record<SystemName, Partial<Pick<SellerPlan, 'version' | 'chain'>>>> = {
  x402: {},
  aixbt: { version: 2, chain: 'eip155' },
  key0: { version: 2, chain: 'eip155' },
  solrouter: { version: 1, chain: 'solana' },
}

export function planOf(seed: number, only?: SystemName): SellerPlan {
  const { pick, between } = chanceFrom(seed)
  const system = only ?? SYSTEMS[seed % SYSTEMS.length] ?? 'x402'
  const { version, chain } = RULES[system]
  return {
    seed,
    system,
    manner: pick<Manner>(...MANNERS),
    version: version ?? pick(1, 2, 2),
    chain: chain ?? pick('eip155', 'eip155', 'solana'),
    transport: pick('http', 'http', 'a2a', 'mcp'),
    faults: pick(0.05, 0.15, 0.4),
    hostile: pick(0, 0, 0.1),
    crashes: pick(0, 0, 0.01, 0.05),
    storeFaults: pick(0, 0, 0.02),
    rpcFaults: pick(0, 0.3),
    saveFaults: pick(0, 0, 0.3),
    processes: between(1, 3),
    calls: pick(1, 1, 2, 3, 4, 6, 9),
    things: between(1, 3),
    named: pick(0, 0.5, 1),
    others: pick(0, 0.5, 1),
    lasts: pick(20, 90, 86_400),
    room: pick(1_000, 1_000, 2),
    approve: pick('unasked', 'unasked', 'yes', 'mostly'),
  }
}

/** @throws TypeError for a system there is none of. */
export function readSystem(name: string | undefined): SystemName | undefined {
  const system = SYSTEMS.find((known) => known === name)
  if (name !== undefined && !system) throw new TypeError(`--system is one of ${SYSTEMS.join(', ')}`)
  return system
}
