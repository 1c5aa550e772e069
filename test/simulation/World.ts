import type { Json } from '../../packages/sdk/src/store/Store'
import { type Chance, chanceFrom } from './Chance'
import { createHolder, type Holder } from './Holder'
import type { Plan } from './plan'
import type { Platform } from './platform'
import type { Timeline } from './Timeline'

/** Where the simulated gateway lives, and who pays whom there. */
export const ORIGIN = 'https://gateway.test'
export const EVM = createHolder('eip155', ORIGIN, `0x${'b'.repeat(40)}`, `0x${'a'.repeat(40)}`)
export const SOLANA = createHolder(
  'solana',
  ORIGIN,
  'DdqGmK5uamYN5vmuZrzpQhKeehLdwtPLVJdhu5P2iJKC',
  'CVDFLCAjXhVWiPXH9nTCTpCgVzmDVoiPzNJYuccr1dqB',
)
/** The budget's window, in milliseconds. */
export const WINDOW_MS = 24 * 3_600_000

/** What really became of one signed payment, whatever anybody was told. */
export type Paid = {
  readonly holder: Holder
  /** What the journal and the chain know it by: an EIP-3009 nonce, or our signature on Solana. */
  readonly mark: string
  readonly amount: bigint
  /** The chain takes it before this, in milliseconds since the epoch. */
  readonly endsAt: number
  readonly signedAt: number
  readonly process: string
  /** When it first left its process, and for which call. */
  leftAt?: number
  call?: number
  /** When the chain took it, until a reorg undoes that. */
  settledAt?: number | undefined
  everSettled?: boolean
  /** When it landed with an error, which uses a Solana transaction up. */
  failedAt?: number
  /** When the gateway gave credit for it. */
  creditedAt?: number
  /** When the gateway said it had settled, though it had not. */
  claimedAt?: number
  /** A person gave it up. */
  writtenOff?: boolean
  /** The journal has closed the attempt it was signed for. */
  closed?: boolean
}

/** One request of a caller. */
export type Call = {
  readonly id: number
  readonly process: string
  readonly startedAt: number
  readonly signal: AbortSignal | undefined
  abortedAt?: number
  /** The payments it sent. */
  readonly presented: Set<Paid>
  end?: 'answer' | 'refusal' | 'cut' | 'error' | 'lost' | undefined
}

export type Violation = { readonly kind: string; readonly detail: string }

/** All of one schedule's state outside of the clients. */
export type World = {
  readonly plan: Plan
  readonly chance: Chance
  readonly timeline: Timeline
  readonly platform: Platform
  /** The wallets of the client, in the order of whose session comes first. */
  readonly holders: readonly Holder[]
  /** What the store holds, and what every process on it sees. */
  readonly values: Map<string, Json>
  /** What was signed, by its mark. */
  readonly payments: Map<string, Paid>
  /** How many marks were given out. */
  marks: number
  readonly calls: Call[]
  readonly violations: Violation[]
  readonly counts: Record<string, number>
  /** No faults any more: what is still open must now come to an end. */
  calm: boolean
  /** When a call was last answered. */
  servedAt: number
  /** Requests that each wallet may still make, by its address. */
  readonly credit: Map<string, number>
  readonly fail: (kind: string, detail: string) => void
  readonly count: (what: string) => void
  readonly log: (line: () => string) => void
  /** True with this probability, while faults are on. */
  readonly goesWrong: (probability: number) => boolean
}

export const START = Date.UTC(2026, 10, 20, 16)

/** What a world is made of before anything happens in it. */
export type Setting = {
  readonly platform: Platform
  readonly holders: readonly Holder[]
  readonly timeline: Timeline
}

export function createWorld(
  plan: Plan,
  { platform, holders, timeline }: Setting,
  trace: ((line: string) => void) | undefined,
): World {
  const chance = chanceFrom(plan.seed ^ 0x5eed)
  const start = timeline.now()
  const log: World['log'] = (line) =>
    trace?.(`${((timeline.now() - start) / 1000).toFixed(3).padStart(10)} ${line()}`)
  const world: World = {
    plan,
    chance,
    timeline,
    platform,
    holders,
    log,
    values: new Map(),
    payments: new Map(),
    marks: 0,
    calls: [],
    violations: [],
    counts: {},
    calm: false,
    servedAt: 0,
    credit: new Map(),
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
