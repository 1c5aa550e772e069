import { expect, test } from 'vitest'
import { keccak256 } from './keccak256'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('the hash of nothing is the one Ethereum knows', () => {
  expect(hex(keccak256(new Uint8Array()))).toBe(
    'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  )
})

test('the hash of a function signature gives its selector', () => {
  const signature = new TextEncoder().encode('transfer(address,uint256)')
  expect(hex(keccak256(signature)).slice(0, 8)).toBe('a9059cbb')
})

test('an input longer than one block is refused rather than hashed wrongly', () => {
  expect(keccak256(new Uint8Array(135))).toHaveLength(32)
  expect(() => keccak256(new Uint8Array(136))).toThrow(RangeError)
})
