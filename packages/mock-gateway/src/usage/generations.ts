import type { GatewayClock } from '../clock'
import { createHistory, type SavedHistory } from '../history'
import type { LimitReset } from '../tenants/keys'
import { createMeter, type SavedMeter } from './meter'

/** What answers were of, and what they took in all. */
export interface Usage {
  readonly tenant: string
  /** Hash of the API key they were made with. */
  readonly key: string | undefined
  readonly model: string
  readonly provider: string
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Atomic USDC units. */
  readonly cost: bigint
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** One answer. */
export interface Generation extends Usage {
  readonly id: string
  readonly requests: 1
  /** Milliseconds by the gateway's clock. */
  readonly latency: number
}

/** The latest answers of 90 days, and the usage by the hour of those before them. */
export interface Generations {
  add(generation: Generation): void
  find(id: string): Generation | undefined
  /** What a tenant used, oldest first. */
  of(tenant: string): readonly Usage[]
  /** What a key has used since its limit was last reset; without a reset, ever. */
  spent(key: string, reset: LimitReset | undefined): bigint
  /** What a tenant has used since then. */
  spentBy(tenant: string, reset: LimitReset | undefined): bigint
  reset(): void
  save(): SavedGenerations
  load(saved: SavedGenerations): void
}

/** Usage as it is kept in a file. */
export interface SavedGenerations {
  readonly latest: SavedHistory<Generation>
  readonly hours: readonly Usage[]
  readonly spent: SavedMeter
}

const HOUR_MS = 3_600_000
const KEPT_MS = 90 * 24 * HOUR_MS

/** No answers yet; of those to come the last `limit` are kept one by one. */
export function createGenerations(clock: GatewayClock, limit: number): Generations {
  const byId = new Map<string, Generation>()
  const hours = new Map<string, Usage>()
  const meter = createMeter(clock)
  const isOld = ({ at }: Usage) => at <= clock.now() - KEPT_MS

  const addToHour = (usage: Usage) => {
    const { tenant, key, model, provider } = usage
    const at = usage.at - (usage.at % HOUR_MS)
    const name = [at, tenant, key, model].join(' ')
    const so = hours.get(name)
    hours.set(name, {
      tenant,
      key,
      model,
      provider,
      requests: (so?.requests ?? 0) + usage.requests,
      inputTokens: (so?.inputTokens ?? 0) + usage.inputTokens,
      outputTokens: (so?.outputTokens ?? 0) + usage.outputTokens,
      cost: (so?.cost ?? 0n) + usage.cost,
      at,
    })
    if (so) return
    for (const [first, hour] of hours) {
      if (!isOld(hour)) break
      hours.delete(first)
    }
  }
  const latest = createHistory<Generation>(limit, (generation) => {
    byId.delete(generation.id)
    addToHour(generation)
  })
  const keep = (generation: Generation) => {
    byId.set(generation.id, generation)
    latest.add(generation)
  }
  const reset = () => {
    byId.clear()
    hours.clear()
    latest.clear()
    meter.reset()
  }

  return {
    add: (generation) => {
      keep(generation)
      const { tenant, key, cost } = generation
      meter.add(tenant, cost)
      if (key !== undefined) meter.add(key, cost)
    },
    find: (id) => {
      const found = byId.get(id)
      return found && !isOld(found) ? found : undefined
    },
    of: (tenant) =>
      [...hours.values(), ...latest.items()].filter(
        (usage) => usage.tenant === tenant && !isOld(usage),
      ),
    spent: meter.spent,
    spentBy: meter.spent,
    reset,
    save: () => ({ latest: latest.save(), hours: [...hours.values()], spent: meter.save() }),
    load: (saved) => {
      reset()
      for (const hour of saved.hours) addToHour(hour)
      for (const generation of saved.latest.items) keep(generation)
      meter.load(saved.spent)
    },
  }
}
