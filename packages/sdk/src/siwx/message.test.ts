import { describe, expect, test } from 'vitest'
import { ARouterError } from '../errors'
import { type SiwxFields, siwxMessage } from './message'

const evm: SiwxFields = {
  domain: 'api.arouter.ai',
  address: '0x00000000219ab540356cBB839Cbe05303d7705Fa',
  statement: 'Sign in to ARouter with your wallet',
  uri: 'https://api.arouter.ai/v1/x402/auth',
  chainId: '8453',
  nonce: '0123456789abcdef0123456789abcdef',
  issuedAt: '2026-11-20T16:37:24.636Z',
}

const solana: SiwxFields = {
  ...evm,
  domain: 'localhost:4021',
  address: '11111111111111111111111111111112',
  chainId: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
}

describe('the sign-in message', () => {
  test('of an EVM wallet has the lines of EIP-4361 and no line end after the last', () => {
    expect(siwxMessage(evm)).toBe(
      [
        'api.arouter.ai wants you to sign in with your Ethereum account:',
        '0x00000000219ab540356cBB839Cbe05303d7705Fa',
        '',
        'Sign in to ARouter with your wallet',
        '',
        'URI: https://api.arouter.ai/v1/x402/auth',
        'Version: 1',
        'Chain ID: 8453',
        'Nonce: 0123456789abcdef0123456789abcdef',
        'Issued At: 2026-11-20T16:37:24.636Z',
      ].join('\n'),
    )
  })

  test('of a Solana wallet names the Solana account and the genesis reference', () => {
    const lines = siwxMessage(solana).split('\n')
    expect(lines[0]).toBe('localhost:4021 wants you to sign in with your Solana account:')
    expect(lines[7]).toBe('Chain ID: 5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp')
    expect(lines).toHaveLength(10)
  })

  test('ends with its expiry where there is one', () => {
    const expirationTime = '2026-11-20T16:42:24.636Z'
    expect(siwxMessage({ ...evm, expirationTime })).toBe(
      `${siwxMessage(evm)}\nExpiration Time: ${expirationTime}`,
    )
  })

  test('is refused where a field could pass for another line', () => {
    const fields = Object.keys({ ...evm, expirationTime: '' })
    for (const name of fields) {
      for (const value of [
        '',
        'a\nNonce: 12345678',
        'a\r',
        'a\u2028b',
        'a\0',
        'größe',
        'a\tb',
        'a\x7f',
      ]) {
        expect(() => siwxMessage({ ...evm, [name]: value })).toThrow(
          new RegExp(
            `^The ${name} of a sign-in message must be one (word|line) of printable ASCII`,
          ),
        )
      }
    }
  })

  test('is refused where white space stands outside the statement', () => {
    expect(() => siwxMessage({ ...evm, domain: 'evil.example wants you to' })).toThrow(ARouterError)
    expect(() => siwxMessage({ ...evm, uri: 'https://api.arouter.ai/ x' })).toThrow(ARouterError)
  })

  test('is refused with a nonce that is short or has other characters', () => {
    for (const nonce of ['1234567', '0123-4567-89ab']) {
      expect(() => siwxMessage({ ...evm, nonce })).toThrow(/nonce .* at least 8 letters and digits/)
    }
  })
})
