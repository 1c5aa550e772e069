import { readFileSync } from 'node:fs'
import type { Chain } from './chain/Chain'
import type { GatewayClock } from './clock'
import type { OpenDialect } from './dialects/Dialect'
import type { SaleRecord, Sales } from './dialects/sales'
import { GatewayConfigError } from './GatewayConfigError'
import type { SavedHistory } from './history'
import { asObject } from './http/jsonObject'
import type { Cashier, SavedCashier } from './payments/cashier'
import type { ApiKey, Keys } from './tenants/keys'
import type { SavedTenants, Tenants } from './tenants/tenants'
import type { SavedTokens, Tokens } from './tenants/tokens'
import type { Generations, SavedGenerations } from './usage/generations'

/** The parts of a gateway that a file keeps. */
export interface KeptParts {
  readonly clock: GatewayClock
  readonly chains: readonly Chain[]
  readonly tenants: Tenants
  readonly keys: Keys
  readonly generations: Generations
  readonly tokens: Tokens
  readonly cashier: Cashier
  readonly sales: Sales
  /** By name. */
  readonly dialects: ReadonlyMap<string, OpenDialect>
}

/** What is in a file. */
export interface Kept {
  readonly version: 3
  readonly payTo: Readonly<Record<string, string>>
  readonly advanced: number
  readonly chains: Readonly<Record<string, unknown>>
  readonly tenants: SavedTenants
  readonly keys: readonly ApiKey[]
  readonly generations: SavedGenerations
  readonly tokens: SavedTokens
  readonly cashier: SavedCashier
  readonly sales: SavedHistory<SaleRecord>
  /** What each dialect keeps, as it left it. */
  readonly dialects: Readonly<Record<string, unknown>>
}

/** The text of a file that keeps the parts. */
export function stateText(payTo: ReadonlyMap<string, string>, parts: KeptParts): string {
  const { clock, chains, tenants, keys, generations, tokens, cashier, sales, dialects } = parts
  cashier.collectLate()
  const kept: Kept = {
    version: 3,
    payTo: Object.fromEntries(payTo),
    advanced: clock.advanced(),
    chains: Object.fromEntries(chains.map((chain) => [chain.network.id, chain.save()])),
    tenants: tenants.save(),
    keys: keys.save(),
    generations: generations.save(),
    tokens: tokens.save(),
    cashier: cashier.save(),
    sales: sales.save(),
    dialects: Object.fromEntries([...dialects].map(([name, one]) => [name, one.save?.()])),
  }
  return JSON.stringify(kept, mark)
}

/** What is in a file, or undefined where there is none. Throws GatewayConfigError for another kind. */
export function readState(path: string): Kept | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  let value: unknown
  try {
    value = JSON.parse(text, unmark)
  } catch (cause) {
    throw new GatewayConfigError(`stateFile holds no state of a gateway: '${path}'`, { cause })
  }
  if (asObject(value)?.version === 3) return value as Kept
  throw new GatewayConfigError(`stateFile holds no state of this version: '${path}'`)
}

/** Brings the parts to where they were. */
export function loadState(kept: Kept, parts: KeptParts): void {
  const { clock, chains, tenants, keys, generations, tokens, cashier, sales, dialects } = parts
  clock.advance(kept.advanced)
  for (const chain of chains) {
    const saved = kept.chains[chain.network.id]
    if (saved) chain.load(saved)
  }
  tenants.load(kept.tenants)
  keys.load(kept.keys)
  generations.load(kept.generations)
  tokens.load(kept.tokens)
  cashier.load(kept.cashier)
  sales.load(kept.sales)
  for (const [name, one] of dialects) {
    if (kept.dialects[name] !== undefined) one.load?.(kept.dialects[name])
  }
}

// JSON has neither; an object of one such member stands for each.
function mark(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  return value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value
}

function unmark(_: string, value: unknown): unknown {
  const { $bigint, $bytes } = asObject(value) ?? {}
  if (typeof $bigint === 'string') return BigInt($bigint)
  return typeof $bytes === 'string' ? Uint8Array.from(Buffer.from($bytes, 'base64')) : value
}
