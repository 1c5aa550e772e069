import { expect, test } from 'vitest'
import { isShallow } from './isShallow'

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('JSON of 64 levels is shallow, and of one more it is not', () => {
  expect(isShallow(nested(64))).toBe(true)
  expect(isShallow(nested(65))).toBe(false)
  expect(isShallow(`{"a":${nested(63)},"b":${nested(63)}}`)).toBe(true)
  expect(isShallow(`{"a":${nested(64)}}`)).toBe(false)
  expect(isShallow('{"a":'.repeat(65))).toBe(false)
})

test('what a string holds is no level', () => {
  expect(isShallow(JSON.stringify(['[{'.repeat(99), '"\\"', '\\']))).toBe(true)
  expect(isShallow(`["]","}\\"]",${nested(63)}]`)).toBe(true)
  expect(isShallow(`["]","}\\"]",${nested(64)}]`)).toBe(false)
})
