import type { GatewayClock } from '../clock'
import type { LimitReset } from '../tenants/keys'

/** One answer and what it took. */
export interface Generation {
  readonly id: string
  readonly tenant: string
  /** Hash of the API key it was made with. */
  readonly key: string | undefined
  readonly model: string
  readonly provider: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** Atomic USDC units. */
  readonly cost: bigint
  /** Milliseconds by the gateway's clock, as is `at`. */
  readonly latency: number
  readonly at: number
}

/** All answers of the last 90 days. */
export interface Generations {
  add(generation: Generation): void
  find(id: string): Generation | undefined
  /** Those of a tenant, oldest first. */
  of(tenant: string): readonly Generation[]
  /** What a key has used since its limit was last reset; without a reset, ever. */
  spent(key: string, reset: LimitReset | undefined): bigint
  /** What a tenant has used since then. */
  spentBy(tenant: string, reset: LimitReset | undefined): bigint
  reset(): void
  save(): readonly Generation[]
  load(generations: readonly Generation[]): void
}

const KEPT_MS = 90 * 24 * 3_600_000

/** No answers yet. */
export function createGenerations(clock: GatewayClock): Generations {
  const all = new Map<string, Generation>()
  const forget = () => {
    for (const [id, { at }] of all) {
      if (at > clock.now() - KEPT_MS) return
      all.delete(id)
    }
  }
  const sum = (reset: LimitReset | undefined, isMeant: (generation: Generation) => boolean) => {
    const since = reset ? startOf(reset, clock.now()) : 0
    let total = 0n
    for (const generation of all.values()) {
      if (generation.at >= since && isMeant(generation)) total += generation.cost
    }
    return total
  }
  return {
    add: (generation) => {
      forget()
      all.set(generation.id, generation)
    },
    find: (id) => {
      forget()
      return all.get(id)
    },
    of: (tenant) => [...all.values()].filter((generation) => generation.tenant === tenant),
    spent: (key, reset) => sum(reset, (generation) => generation.key === key),
    spentBy: (tenant, reset) => sum(reset, (generation) => generation.tenant === tenant),
    reset: () => all.clear(),
    save: () => [...all.values()],
    load: (saved) => {
      for (const generation of saved) all.set(generation.id, generation)
    },
  }
}

/** The start in UTC of the day, the week (Monday) or the month that `now` is in. */
export function startOf(span: LimitReset, now: number): number {
  const date = new Date(now)
  const day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  if (span === 'daily') return day
  if (span === 'weekly') return day - ((date.getUTCDay() + 6) % 7) * 24 * 3_600_000
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}
