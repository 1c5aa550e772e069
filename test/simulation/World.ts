import type { Json } from '../../packages/sdk/src/store/Store'
import { type Chance, chanceFrom } from './Chance'
import type { Plan } from './plan'
import type { Platform } from './platform'
import { createTimeline, type Timeline } from './Timeline'

/** Where the simulated gateway lives, and what it is paid in. */
export const ORIGIN = 'https://gateway.test'
export const NETWORK = 'eip155:8453'
export const ASSET = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const PAY_TO = '0x00000000000000000000000000000000000000aa'
export const PAYER = '0x00000000000000000000000000000000000000bb'
export const STORE_KEYS = {
  need: `need/${ORIGIN}/${PAYER}`,
  archive: `attempt/${ORIGIN}/${PAYER}/`,
  budget: `budget/${PAYER}`,
  session: `session/${ORIGIN}/${PAYER}`,
} as const
/** The budget's window, in milliseconds. */
export const WINDOW_MS = 24 * 3_600_000

/** What really became of one signed payment, whatever anybody was told. */
export type Paid = {
  readonly nonce: string
  readonly amount: bigint
  /** Unix seconds by the chain. */
  readonly validBefore: number
  readonly signedAt: number
  readonly process: string
  /** When it first left its process, and for which call. */
  leftAt?: number
  call?: number
  /** When the chain took it, until a reorg undoes that. */
  settledAt?: number | undefined
  everSettled?: boolean
  /** When the gateway gave credit for it. */
  creditedAt?: number
  /** A person gave it up. */
  writtenOff?: boolean
}

/** One request of a caller. */
export type Call = {
  readonly id: number
  readonly process: string
  readonly startedAt: number
  readonly signal: AbortSignal | undefined
  abortedAt?: number
  /** Nonces of the payments it sent. */
  readonly presented: Set<string>
  end?: 'answer' | 'refusal' | 'cut' | 'error' | 'lost' | undefined
}

export type Violation = { readonly kind: string; readonly detail: string }

/** All of one schedule's state outside of the clients. */
export type World = {
  readonly plan: Plan
  readonly chance: Chance
  readonly timeline: Timeline
  readonly platform: Platform
  /** What the store holds, and what every process on it sees. */
  readonly values: Map<string, Json>
  readonly payments: Map<string, Paid>
  readonly calls: Call[]
  readonly violations: Violation[]
  readonly counts: Record<string, number>
  /** No faults any more: what is still open must now come to an end. */
  calm: boolean
  /** Requests the tenant may still make. */
  credit: number
  readonly fail: (kind: string, detail: string) => void
  readonly count: (what: string) => void
  readonly log: (line: () => string) => void
  /** True with this probability, while faults are on. */
  readonly goesWrong: (probability: number) => boolean
}

const START = Date.UTC(2026, 10, 20, 16)

export function createWorld(
  plan: Plan,
  platform: Platform,
  trace: ((line: string) => void) | undefined,
): World {
  const chance = chanceFrom(plan.seed ^ 0x5eed)
  const timeline = createTimeline(START)
  const log: World['log'] = (line) =>
    trace?.(`${((timeline.now() - START) / 1000).toFixed(3).padStart(10)} ${line()}`)
  const world: World = {
    plan,
    chance,
    timeline,
    platform,
    log,
    values: new Map(),
    payments: new Map(),
    calls: [],
    violations: [],
    counts: {},
    calm: false,
    credit: 0,
    fail: (kind, detail) => {
      log(() => `!! ${kind}: ${detail}`)
      world.violations.push({ kind, detail })
    },
    count: (what) => {
      world.counts[what] = (world.counts[what] ?? 0) + 1
    },
    goesWrong: (probability) => !world.calm && chance.happens(probability),
  }
  return world
}
