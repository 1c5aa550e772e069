import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyName, keyOf } from './keyName'

const key = fc.oneof(
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }),
  fc.string({
    unit: fc.constantFrom('\\', 'u', '0', '5', 'c', '/', '*', '\ud83d', '\ude00', '\n'),
  }),
)

test('a name is printable ASCII and leads back to its key, whatever that is', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(keyName(one)).toMatch(/^[\x20-\x7e]*$/)
      expect(keyOf(keyName(one))).toBe(one)
    }),
  )
})

test('a key begins with a prefix exactly where its name begins with the name of the prefix', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      expect(keyName(one + other).startsWith(keyName(one))).toBe(true)
      expect(keyName(one).startsWith(keyName(other))).toBe(one.startsWith(other))
    }),
  )
})

test('a name of the keys in use is the key itself', () => {
  const plain = 'need/https://api.example.com:8443/0xAbC'
  expect(keyName(plain)).toBe(plain)
})
