import { expect, test } from 'vitest'
import { readSignature } from './readSignature'

const r = '1'.padStart(64, '0')
const s = '2'.padStart(64, '0')
const HALF_ORDER = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0'
const ABOVE_HALF = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1'
const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'

test.each([
  ['with v 27', `0x${r}${s}1b`],
  ['with v 28', `0x${r}${s}1c`],
  ['with the greatest low s', `0x${r}${HALF_ORDER}1b`],
  ['of a contract account', `0x${'ab'.repeat(200)}`],
])('a signature %s passes as it is', (_, signature) => {
  expect(readSignature(signature)).toBe(signature)
})

test('v 0 and 1 are written as 27 and 28', () => {
  expect(readSignature(`0x${r}${s}00`)).toBe(`0x${r}${s}1b`)
  expect(readSignature(`0x${r}${s}01`)).toBe(`0x${r}${s}1c`)
})

test.each([
  ['nothing', undefined],
  ['bytes', new Uint8Array(65)],
  ['an empty text', '0x'],
  ['64 bytes', `0x${r}${s}`],
  ['half a byte too many', `0x${r}${s}1b0`],
  ['no prefix', `${r}${s}1b`],
  ['what is not hex', `0x${r}${s}zz`],
  ['r of zero', `0x${'0'.repeat(64)}${s}1b`],
  ['r of the order', `0x${ORDER}${s}1b`],
  ['s of zero', `0x${r}${'0'.repeat(64)}1b`],
  ['s in the upper half', `0x${r}${ABOVE_HALF}1b`],
  ['v of 2', `0x${r}${s}02`],
  ['v of 29', `0x${r}${s}1d`],
])('a signer that returns %s gets a typed error without the signature in it', (_, signature) => {
  expect(() => readSignature(signature)).toThrow(
    expect.objectContaining({
      code: 'bad_signature',
      message: expect.not.stringContaining('0000'),
    }),
  )
})
