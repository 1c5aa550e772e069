import { expect, test } from 'vitest'
import { decode58, encode58 } from './base58'

test.each([
  ['', ''],
  ['00', '1'],
  ['0000287fb4cd', '11233QC4'],
  ['61', '2g'],
  ['516b6fcd0f', 'ABnLTmg'],
  ['0'.repeat(64), '1'.repeat(32)],
])('the bytes %s are written %s, and read back', (hex, text) => {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
  expect(encode58(bytes)).toBe(text)
  expect(decode58(text, bytes.length)).toEqual(bytes)
})

test.each([
  ['a letter base58 leaves out', '0'.repeat(32)],
  ['too few bytes', '1'.repeat(31)],
  ['too many bytes', '1'.repeat(33)],
  ['more bits than fit', 'z'.repeat(44)],
  ['spaces', ` ${'1'.repeat(31)}`],
  ['a text that would take for ever', 'z'.repeat(1_000_000)],
  ['a number', 7],
  ['nothing', undefined],
])('%s is no 32 bytes', (_, text) => {
  expect(decode58(text, 32)).toBeUndefined()
})
