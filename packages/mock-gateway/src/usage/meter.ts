import type { GatewayClock } from '../clock'
import type { LimitReset } from '../tenants/keys'

/** What each account and each key has spent: ever, and in the span of time that is now. */
export interface Meter {
  add(who: string, cost: bigint): void
  /** Since its start again; without one, ever. */
  spent(who: string, reset: LimitReset | undefined): bigint
  reset(): void
  save(): SavedMeter
  load(saved: SavedMeter): void
}

/** A meter as it is kept in a file. */
export type SavedMeter = readonly (readonly [string, Spent])[]

type Spent = { ever: bigint } & Record<LimitReset, { since: number; sum: bigint }>

const DAY_MS = 24 * 3_600_000
const SPANS = ['daily', 'weekly', 'monthly'] as const satisfies readonly LimitReset[]

/** A meter at zero. */
export function createMeter(clock: GatewayClock): Meter {
  const all = new Map<string, Spent>()
  const none = () => ({ since: 0, sum: 0n })
  // All three start at the start of a day.
  let day = 0
  let starts: Readonly<Record<LimitReset, number>> = { daily: 0, weekly: 0, monthly: 0 }
  const startsNow = () => {
    const now = clock.now()
    if (now - day >= DAY_MS || now < day) {
      const [daily, weekly, monthly] = SPANS.map((span) => startOf(span, now))
      day = daily ?? 0
      starts = { daily: day, weekly: weekly ?? 0, monthly: monthly ?? 0 }
    }
    return starts
  }
  return {
    add: (who, cost) => {
      const spent = all.get(who) ?? { ever: 0n, daily: none(), weekly: none(), monthly: none() }
      all.set(who, spent)
      spent.ever += cost
      for (const span of SPANS) {
        const since = startsNow()[span]
        const sum = spent[span].since === since ? spent[span].sum : 0n
        spent[span] = { since, sum: sum + cost }
      }
    },
    spent: (who, reset) => {
      const spent = all.get(who)
      if (!spent) return 0n
      if (!reset) return spent.ever
      return spent[reset].since === startsNow()[reset] ? spent[reset].sum : 0n
    },
    reset: () => all.clear(),
    save: () => [...all],
    load: (saved) => {
      for (const [who, spent] of saved) all.set(who, { ...spent })
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
