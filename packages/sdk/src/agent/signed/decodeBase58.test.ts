import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBase58 } from '../../siwx/base58'
import { decodeBase58 } from './decodeBase58'

test('base58 is read as it was written', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(decodeBase58(encodeBase58(bytes))).toEqual(bytes)
    }),
  )
})

test('what is no base58 is not read', () => {
  for (const text of ['0', 'O', 'I', 'l', ' ', 'abc-']) expect(decodeBase58(text)).toBeUndefined()
})
