import { expect, test } from 'vitest'
import { AREAS, drawCase, runSeed } from './fuzz'
import { replay, runWorkers } from './runWorkers'

/** A short run; `npm run fuzz -- --runs 1000000` is the long one. */
const RUNS = 6_000

test('whatever a hostile server sends ends in a typed error or in what it may, and signs only what conforms', async () => {
  const { ran, failures, outcomes, signatures, whole } = await runWorkers(1, RUNS, 1)
  expect(failures).toEqual([])
  expect(whole).toBe(true)
  expect(ran).toBe(RUNS)
  // It is no use to refuse everything: honest inputs are among them, and are met.
  expect(signatures).toBeGreaterThan(RUNS / 20)
  for (const { name } of AREAS) {
    const seen = [...outcomes.keys()].filter((what) => what.startsWith(`${name}: `))
    expect(seen.length, name).toBeGreaterThan(0)
  }
})

test('a seed draws the same input each time', async () => {
  for (const seed of [7, 77, 777]) {
    const [first, second] = [drawCase(seed), drawCase(seed)]
    expect(second.drawn.shown).toEqual(first.drawn.shown)
    expect((await runSeed(seed)).shown).toEqual(first.drawn.shown)
  }
})

test('one input can be run alone', async () => {
  expect(await replay(46)).toBe(0)
})
