import { randomFrom } from '../support/virtualRuntime'

/** Draws for one schedule: the same seed draws the same. */
export type Chance = {
  /** Uniform in [0, 1). */
  readonly next: () => number
  readonly happens: (probability: number) => boolean
  /** A whole number, both ends included. */
  readonly between: (least: number, most: number) => number
  readonly pick: <T>(first: T, ...rest: readonly T[]) => T
}

export function chanceFrom(seed: number): Chance {
  const next = randomFrom(Math.imul(seed, 0x9e3779b1) ^ (seed >>> 16))
  return {
    next,
    happens: (probability) => probability > 0 && next() < probability,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (first, ...rest) => rest[Math.floor(next() * (rest.length + 1)) - 1] ?? first,
  }
}
