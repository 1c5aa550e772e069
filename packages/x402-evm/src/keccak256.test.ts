import { keccak256 as viemKeccak256 } from 'viem'
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

test('an input of any length, around the end of a block above all, is hashed as viem does', () => {
  for (const length of [0, 1, 134, 135, 136, 137, 271, 272, 273, 1000]) {
    const input = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255)
    expect(`0x${hex(keccak256(input))}`, `${length} bytes`).toBe(viemKeccak256(input))
  }
})
