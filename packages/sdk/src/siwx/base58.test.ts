import { encodeBase58 as official } from '@x402/extensions/sign-in-with-x'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBase58 } from './base58'

test('base58 is written as the official package writes it, zeros in front included', () => {
  const bytes = fc
    .tuple(fc.nat({ max: 4 }), fc.uint8Array({ maxLength: 70 }))
    .map(([zeros, rest]) => Uint8Array.from([...new Uint8Array(zeros), ...rest]))
  fc.assert(
    fc.property(bytes, (each) => {
      expect(encodeBase58(each)).toBe(official(each))
    }),
  )
})
