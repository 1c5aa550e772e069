/** Samples of several subjects; the n-th of each were taken one after the other. */
export type Samples = Readonly<Record<string, readonly number[]>>

/**
 * Takes one sample of each subject in turn, round by round, so that a busy moment of the machine
 * meets them all. The first `warmUp` rounds are thrown away.
 */
export async function interleave(
  subjects: Readonly<Record<string, () => Promise<number>>>,
  rounds: number,
  warmUp = 2,
): Promise<Samples> {
  const samples = Object.fromEntries(
    Object.keys(subjects).map((name): [string, number[]] => [name, []]),
  )
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const [name, sample] of Object.entries(subjects)) {
      const value = await sample()
      if (round >= warmUp) samples[name]?.push(value)
    }
  }
  return samples
}

/** Runs `once` so many times, one after the other; resolves to microseconds for one. */
export async function microseconds(times: number, once: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint()
  for (let index = 0; index < times; index++) await once()
  return Number(process.hrtime.bigint() - start) / 1_000 / times
}

/** The middle value; the lower one of two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN
}
