import type { Gateway } from '../Gateway'
import type { AppFetch } from '../origin'
import type { GatewayState } from '../state'
import type { Challenge } from './types'

/** A system whose protocol the gateway speaks, on an origin of its own. */
export interface Dialect<Options = undefined> {
  /** Throws GatewayConfigError for options it cannot use. */
  open(ground: Ground, options: Options | undefined): OpenDialect
}

/** What a dialect stands on: the one set of chains, clock, faults and journal that all of them share. */
export interface Ground {
  readonly gateway: Gateway
  readonly state: GatewayState
}

/** A dialect at work. */
export interface OpenDialect {
  readonly fetch: AppFetch
  /** Does what was due by now: time was moved. */
  advanced?(): Promise<void>
  /** The offers that it keeps a book of, oldest first. */
  challenges?(): readonly Challenge[]
  /** Forgets everything, where there is anything. */
  reset?(): void
  /** What a file keeps of it: JSON, and `bigint` and `Uint8Array` in it. */
  save?(): unknown
  /** Brings it to where `save` left it. */
  load?(saved: unknown): void
}
