import { expect, test } from 'vitest'
import { createClock } from '../clock'
import { createGenerations, type Generation } from './generations'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 30, 22)

function answers(limit: number) {
  const clock = createClock(() => START, 0)
  const generations = createGenerations(clock, limit)
  let made = 0
  const add = (more: Partial<Generation> = {}) => {
    made += 1
    generations.add({
      id: `gen-${made}`,
      tenant: 'tenant_1',
      key: 'key',
      model: 'm',
      provider: 'p',
      requests: 1,
      inputTokens: 2,
      outputTokens: 3,
      cost: 5n,
      latency: 1,
      at: clock.now(),
      ...more,
    })
  }
  return { clock, generations, add }
}

const total = (of: readonly { requests: number; cost: bigint }[]) => ({
  requests: of.reduce((sum, { requests }) => sum + requests, 0),
  cost: of.reduce((sum, { cost }) => sum + cost, 0n),
})

test('usage adds up to the same, whether answers are kept one by one or by the hour', () => {
  for (const limit of [1, 4, 100]) {
    const { clock, generations, add } = answers(limit)
    for (let i = 0; i < 20; i += 1) {
      add({ model: `m${i % 2}` })
      clock.advance(HOUR / 4)
    }
    const used = generations.of('tenant_1')
    expect(total(used)).toEqual({ requests: 20, cost: 100n })
    expect(total(used.filter(({ model }) => model === 'm1'))).toEqual({ requests: 10, cost: 50n })
    expect(total(used.filter(({ at }) => at < START + HOUR)).requests).toBe(4)
    expect(generations.find('gen-20')).toBeDefined()
    expect(generations.find('gen-1') === undefined).toBe(limit < 20)
    expect(generations.of('tenant_2')).toEqual([])
  }
})

test('what is older than ninety days is not found, and not counted but for ever', () => {
  const { clock, generations, add } = answers(2)
  for (let i = 0; i < 5; i += 1) add()
  clock.advance(90 * 24 * HOUR + HOUR)
  expect(generations.find('gen-5')).toBeUndefined()
  expect(generations.of('tenant_1')).toEqual([])
  expect(generations.spentBy('tenant_1', undefined)).toBe(25n)
})

test('what was spent starts again with the day, the week and the month (UTC)', () => {
  const { clock, generations, add } = answers(1)
  add()
  add({ key: undefined })
  const spent = () =>
    (['daily', 'weekly', 'monthly', undefined] as const).map((reset) => [
      generations.spent('key', reset),
      generations.spentBy('tenant_1', reset),
    ])
  expect(spent()).toEqual(Array(4).fill([5n, 10n]))
  clock.advance(2 * HOUR) // the first of December, a Tuesday
  add()
  expect(spent()).toEqual([
    [5n, 5n],
    [10n, 15n],
    [5n, 5n],
    [10n, 15n],
  ])
})

test('saved usage goes on where it was', () => {
  const { clock, generations, add } = answers(2)
  for (let i = 0; i < 5; i += 1) add()
  const loaded = createGenerations(clock, 2)
  loaded.load(structuredClone(generations.save()))
  expect(loaded.of('tenant_1')).toEqual(generations.of('tenant_1'))
  expect(loaded.spent('key', 'daily')).toBe(25n)
  expect(loaded.find('gen-5')).toEqual(generations.find('gen-5'))
})
