import { expect, test } from 'vitest'
import { createFading } from './fading'

test('what is over is forgotten beyond the limit, and nothing else ever', () => {
  let now = 0
  const fading = createFading<number>(5, (until) => until <= now)
  fading.set('stays', Number.POSITIVE_INFINITY)
  for (now = 1; now <= 10_000; now += 1) {
    fading.set(`name ${now}`, now + 10)
    expect(fading.has(`name ${now - 5}`)).toBe(now > 5)
  }
  expect(fading.entries().length).toBeLessThan(60)
  expect(fading.has('stays')).toBe(true)
  expect(fading.has('name 9000')).toBe(false)
  fading.clear()
  expect(fading.entries()).toEqual([])
  fading.set('again', 1)
  expect(fading.has('again')).toBe(true)
})

test('up to the limit nothing is forgotten', () => {
  const fading = createFading<number>(50, () => true)
  for (let i = 0; i < 50; i += 1) fading.set(`name ${i}`, i)
  expect(fading.entries()).toHaveLength(50)
})
