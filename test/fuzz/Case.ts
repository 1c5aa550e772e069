import type { Chance } from '../simulation/Chance'

/** How the SDK met one input. */
export type Ended = {
  /** The code of its typed error, or what it was answered. */
  readonly outcome: string
  /** What was thrown, where something was. */
  readonly thrown?: unknown
  /** How many transfers a wallet was asked to sign. */
  readonly signatures: number
}

/** One input, and what must come of it. */
export type Case = {
  /** The input, for whoever looks into a failure. */
  readonly shown: unknown
  /** Whether it is as an honest server's: to be paid, adopted or read. What is not is malformed. */
  readonly conforms: boolean
  /** Puts it to the SDK. This alone is timed. */
  readonly act: () => Promise<Ended>
  /** What was wrong with how it ended; judged by rules of the test's own, not by the SDK's code. */
  readonly judge: (ended: Ended) => readonly string[]
}

/** One kind of input a hostile server can send. */
export type Area = {
  readonly name: string
  /** Of all inputs, in parts of a hundred. */
  readonly share: number
  readonly draw: (chance: Chance) => Case
}
