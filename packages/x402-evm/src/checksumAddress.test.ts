import { expect, test } from 'vitest'
import { checksumAddress, readAddress } from './checksumAddress'

// The examples of EIP-55.
const examples = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
]

test.each(examples)('%s is written as EIP-55 says, whatever case it came in', (address) => {
  expect(checksumAddress(address.toLowerCase())).toBe(address)
  expect(checksumAddress(`0x${address.slice(2).toUpperCase()}`)).toBe(address)
})

test.each([
  '',
  '0x',
  '0x12',
  `0x${'g'.repeat(40)}`,
  `0X${'1'.repeat(40)}`,
  `0x${'1'.repeat(41)}`,
  `${'1'.repeat(40)}`,
])('what is no address gets a typed error: %j', (text) => {
  expect(() => checksumAddress(text)).toThrow(
    expect.objectContaining({ name: 'WalletError', code: 'invalid_address' }),
  )
  expect(readAddress(text)).toBeUndefined()
})

test('a mixed-case address with one letter in the wrong case is not accepted', () => {
  expect(readAddress('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed')).toBe(examples[2])
  expect(readAddress('0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed')).toBeUndefined()
})

test('an address without mixed case carries no checksum and is accepted', () => {
  expect(readAddress('0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed')).toBe(examples[2])
  expect(readAddress('0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED')).toBe(examples[2])
})
