/** Whose inputs: of a hostile server, or of a wallet that does not do as it is asked. */
export type Kind = 'server' | 'wallet'

/** Which inputs a worker draws, as JSON in its first argument. */
export type Task = {
  readonly of: Kind
  readonly from: number
  /** The seed to stop before. */
  readonly end: number
  readonly step: number
  /** Tells all about each input, and warms nothing up. */
  readonly tell?: boolean
}

/** What a worker tells of the inputs it met since it last did. */
export type Report = {
  readonly ran: number
  /** Outcomes by area. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly signatures: number
  /** How many inputs took how long, in bins of a hundredth of a millisecond, by `BINS`. */
  readonly malformed: readonly number[]
  readonly honest: readonly number[]
  readonly failures: readonly Failure[]
}

/** An input that did not end as it must. */
export type Failure = {
  readonly seed: number
  readonly area: string
  readonly faults: readonly string[]
  /** All that is known of it, for a reader. */
  readonly told: string
}

/** Bins of a time: the last one has all that took longer. */
export const BINS = 2_000
export const BINS_PER_MS = 100
