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
  for (const { name } of AREAS.server) {
    const seen = [...outcomes.keys()].filter((what) => what.startsWith(`${name}: `))
    expect(seen.length, name).toBeGreaterThan(0)
  }
})

test('of what a wallet returns, only the payment that was approved is sent', async () => {
  const runs = RUNS / 2
  const { ran, failures, outcomes, honest, malformed, whole } = await runWorkers(
    1,
    runs,
    1,
    'wallet',
  )
  expect(failures).toEqual([])
  expect(whole).toBe(true)
  expect(ran).toBe(runs)
  expect(honest.inputs).toBeGreaterThan(runs / 10)
  expect(malformed.inputs).toBeGreaterThan(runs / 2)
  for (const { name } of AREAS.wallet) {
    expect(outcomes.get(`${name}: answer`)).toBeGreaterThan(0)
    expect(outcomes.get(`${name}: wallet_failed`)).toBeGreaterThan(0)
  }
})

test('a seed draws the same input each time', async () => {
  for (const of of ['server', 'wallet'] as const) {
    for (const seed of [7, 77, 777]) {
      const [first, second] = [drawCase(seed, of), drawCase(seed, of)]
      expect(second.drawn.shown).toEqual(first.drawn.shown)
      expect((await runSeed(seed, of)).shown).toEqual(first.drawn.shown)
    }
  }
})

test('one input can be run alone', async () => {
  expect(await replay(46)).toBe(0)
})
