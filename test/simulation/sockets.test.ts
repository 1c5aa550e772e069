import { expect, test } from 'vitest'
import { runSockets } from './runSockets'

test('the same schedules over sockets, with real signatures, end without a double payment or a unit lost', async () => {
  const { ran, counts, failures } = await runSockets({
    from: 0,
    end: 36,
    step: 1,
    seconds: 90,
    most: 60,
    platform: 'real',
  })
  expect(Object.fromEntries(failures)).toEqual({})
  expect(ran).toBeGreaterThan(5)
  for (const what of ['signed', 'settled on chain', 'call: answer']) {
    expect(counts.get(what), what).toBeGreaterThan(0)
  }
}, 180_000)
