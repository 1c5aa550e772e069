import { expect, test } from 'vitest'
import { playKey0 } from './playKey0'

const SCHEDULES = 300

test(`${SCHEDULES} seeded schedules: never two payments for one order, and no grant is lost`, async () => {
  const ends: string[] = []
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    ends.push(await playKey0(seed).catch((cause) => expect.fail(`seed ${seed}: ${cause}`)))
  }
  expect(ends.filter((end) => end === 'granted').length).toBeGreaterThan(SCHEDULES / 2)
  expect(ends).toContain('paid for nothing')
})
