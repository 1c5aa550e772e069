import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromDollars } from './fromDollars'

test.each([
  [0, 0n],
  [1, 1_000_000n],
  [42.5, 42_500_000n],
  [0.1 + 0.2, 300_000n],
  [0.000123, 123n],
  [0.0000001, 1n],
  [-0.25, -250_000n],
])('%d dollars are %d units', (dollars, units) => {
  expect(fromDollars(dollars)).toBe(units)
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30])('%d is no amount', (dollars) => {
  expect(fromDollars(dollars)).toBeUndefined()
})

test('every whole number of units survives being dollars', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (units) => {
      expect(fromDollars(units / 1e6)).toBe(BigInt(units))
    }),
  )
})
