import type { Json } from '../../../packages/sdk/src/store/Store'
import { type Chance, chanceFrom } from '../Chance'
import type { Holder } from '../Holder'
import type { Platform } from '../platform'
import { createTimeline, type SimulatedTimeline } from '../Timeline'
import type { Violation } from '../World'
import { EVM, SOLANA, START } from '../World'
import type { SellerPlan } from './plan'

/** What is bought, as the seller is asked for it. */
export type Thing = {
  readonly name: string
  /**
   * Whether its answer is kept under a name, is put away by its buyer before it is let go, or is gone
   * with the hands of who got it.
   */
  readonly kind: 'named' | 'saved' | 'single'
  /** Whether another payment for it is right although `had` was, or can still be, taken. */
  readonly mayFollow: (had: Paid) => boolean
}

/** One signature, and all that is true of it. */
export type Paid = {
  readonly nonce: string
  readonly amount: bigint
  /** Unix seconds. */
  readonly validBefore: number
  /** What it was first sent for. */
  thing?: Thing
  settled: boolean
  /** All of the answer that it bought has come to a process. */
  arrived: boolean
  /** When a caller had it, or it was put away. */
  deliveredAt?: number
  /** What it bought is a refusal. */
  isForNothing?: boolean
}

/** All of one schedule's state outside of the processes. */
export type Scene = {
  readonly plan: SellerPlan
  readonly chance: Chance
  readonly timeline: SimulatedTimeline
  readonly platform: Platform
  /** The wallet, and whom it is to pay. */
  readonly holder: Holder
  /** What the store holds, and what every process on it sees. */
  readonly values: Map<string, Json>
  /** What was signed, by its nonce. */
  readonly signed: Map<string, Paid>
  /** Answers that have in them what a payment bought. */
  readonly goods: WeakMap<Response, Paid>
  readonly violations: Violation[]
  readonly counts: Record<string, number>
  /** No faults any more: what is still open must now come to an end. */
  calm: boolean
  readonly seconds: () => number
  readonly fail: (kind: string, detail: string) => void
  readonly count: (what: string) => void
  readonly log: (line: () => string) => void
  /** True with this probability, while faults are on. */
  readonly goesWrong: (probability: number) => boolean
  /** Moves the money, once and before its end: whether it moved by this. */
  readonly settle: (paid: Paid) => boolean
}

export function createScene(
  plan: SellerPlan,
  platform: Platform,
  trace: ((line: string) => void) | undefined,
): Scene {
  const chance = chanceFrom(plan.seed ^ 0x5e11e4)
  const timeline = createTimeline(START)
  const log: Scene['log'] = (line) =>
    trace?.(`${((timeline.now() - START) / 1000).toFixed(3).padStart(10)} ${line()}`)
  const seconds = () => Math.floor(timeline.now() / 1000)
  const scene: Scene = {
    plan,
    chance,
    timeline,
    platform,
    holder: plan.chain === 'solana' ? SOLANA : EVM,
    values: new Map(),
    signed: new Map(),
    goods: new WeakMap(),
    violations: [],
    counts: {},
    calm: false,
    seconds,
    log,
    fail: (kind, detail) => {
      log(() => `!! ${kind}: ${detail}`)
      scene.violations.push({ kind, detail })
    },
    count: (what) => {
      scene.counts[what] = (scene.counts[what] ?? 0) + 1
    },
    goesWrong: (probability) => !scene.calm && chance.happens(probability),
    settle: (paid) => {
      if (paid.settled || isPast(paid, seconds())) return false
      paid.settled = true
      scene.count('settled on chain')
      log(() => `   the chain takes ${paid.nonce}`)
      return true
    },
  }
  return scene
}

/** Whether a payment that was not settled never will be. */
export function isPast({ validBefore }: Paid, seconds: number): boolean {
  return seconds > validBefore
}
