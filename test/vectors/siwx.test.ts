import { formatSIWSMessage } from '@x402/extensions/sign-in-with-x'
import bs58 from 'bs58'
import fc from 'fast-check'
import { SiweMessage } from 'siwe'
import { bytesToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { parseSiweMessage, validateSiweMessage } from 'viem/siwe'
import { describe, expect, test } from 'vitest'
import { siwxMessage } from '../../packages/sdk/src/siwx/message'

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/)
const domain = fc.oneof(
  fc.tuple(label, label).map(([host, top]) => `${host}.${top}`),
  fc.integer({ min: 1024, max: 65_535 }).map((port) => `localhost:${port}`),
  fc.integer({ min: 1024, max: 65_535 }).map((port) => `127.0.0.1:${port}`),
)
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const fields = fc
  .record({
    domain,
    // The characters EIP-4361 allows in a statement.
    statement: fc.stringMatching(
      /^[A-Za-z0-9:/?#@!$&'()*+,;=._~-][A-Za-z0-9 :/?#@!$&'()*+,;=._~-]{0,60}$/,
    ),
    nonce: fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((bytes) => bytesToHex(bytes).slice(2)),
    issuedAt: time,
    expirationTime: fc.option(time, { nil: undefined }),
  })
  .map((record) => ({ ...record, uri: `https://${record.domain}/v1/x402/auth` }))
const evmChain = fc.constantFrom('8453', '84532', '1')
const solanaChain = fc.constantFrom(
  '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
)
const account = fc.constant(undefined).map(() => privateKeyToAccount(generatePrivateKey()))

describe('the sign-in message beside the libraries that read it', () => {
  test('siwe and viem read back every field of an EVM message', () => {
    fc.assert(
      fc.property(fields, evmChain, account, (given, chainId, { address }) => {
        const message = siwxMessage({ ...given, address, chainId })
        const expected = { ...given, address, version: '1', chainId: Number(chainId) }
        const read = new SiweMessage(message)
        expect(read).toMatchObject(expected)
        expect(read.prepareMessage()).toBe(message)
        const { issuedAt, expirationTime, ...plain } = expected
        expect(parseSiweMessage(message)).toEqual({
          ...plain,
          issuedAt: new Date(issuedAt),
          ...(expirationTime === undefined ? {} : { expirationTime: new Date(expirationTime) }),
        })
      }),
      { numRuns: 200 },
    )
  })

  test('siwe accepts a message that a viem account signed, and viem finds it valid', async () => {
    const signer = privateKeyToAccount(generatePrivateKey())
    const now = new Date()
    const given = {
      domain: 'localhost:4021',
      address: signer.address,
      statement: 'Sign in to ARouter with your wallet',
      uri: 'https://localhost:4021/v1/x402/auth',
      chainId: '8453',
      nonce: '0123456789abcdef0123456789abcdef',
      issuedAt: now.toISOString(),
      expirationTime: new Date(now.getTime() + 300_000).toISOString(),
    }
    const message = siwxMessage(given)
    const signature = await signer.signMessage({ message })
    const { domain, nonce } = given
    const verified = await new SiweMessage(message).verify({ signature, domain, nonce })
    expect(verified).toMatchObject({ success: true })
    expect(
      validateSiweMessage({
        message: parseSiweMessage(message),
        address: signer.address,
        domain,
        nonce,
      }),
    ).toBe(true)

    const other = siwxMessage({ ...given, nonce: 'ffffffffffffffff' })
    const refused = new SiweMessage(other).verify({ signature }, { suppressExceptions: true })
    expect(await refused).toMatchObject({ success: false })
  })

  test('the Solana message is the one @x402/extensions writes', () => {
    const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((key) => bs58.encode(key))
    fc.assert(
      fc.property(fields, solanaChain, address, (given, chainId, payer) => {
        const info = {
          ...given,
          version: '1',
          chainId: `solana:${chainId}`,
          type: 'ed25519' as const,
        }
        const { expirationTime, ...rest } = info
        const official = formatSIWSMessage(
          expirationTime === undefined ? rest : { ...rest, expirationTime },
          payer,
        )
        expect(siwxMessage({ ...given, address: payer, chainId })).toBe(official)
      }),
      { numRuns: 200 },
    )
  })
})
