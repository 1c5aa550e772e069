import { expect, test } from 'vitest'
import { isOnCurve } from './isOnCurve'

const encoding = (y: bigint, sign = 0) =>
  Uint8Array.from(
    { length: 32 },
    (_, at) => Number((y >> BigInt(8 * at)) & 255n) | (at === 31 ? sign << 7 : 0),
  )
const P = 2n ** 255n - 19n

test('a public key is on the curve', () => {
  const key = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex')
  expect(isOnCurve(key)).toBe(true)
})

test('the points with x = 0 are on the curve, but not with a negative zero', () => {
  expect(isOnCurve(encoding(1n))).toBe(true)
  expect(isOnCurve(encoding(P - 1n))).toBe(true)
  expect(isOnCurve(encoding(1n, 1))).toBe(false)
  expect(isOnCurve(encoding(P - 1n, 1))).toBe(false)
})

test('y = 0 is on the curve, with either sign', () => {
  expect(isOnCurve(encoding(0n))).toBe(true)
  expect(isOnCurve(encoding(0n, 1))).toBe(true)
})

test('y = 2 is not on the curve', () => {
  expect(isOnCurve(encoding(2n))).toBe(false)
})

test('a y that is not reduced is not the encoding of a point', () => {
  expect(isOnCurve(encoding(P + 1n))).toBe(false)
})
