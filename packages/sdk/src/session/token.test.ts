import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readToken } from './token'

const NOW = 1_800_000_000
const EVM = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const OTHER_EVM = '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359'
const SOLANA = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const OTHER_SOLANA = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwtOf = (claims: unknown) => `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`
const read = (claims: unknown, address = EVM) => readToken(jwtOf(claims), address, NOW)

describe('a token', () => {
  test('is adopted with its end, where it states one', () => {
    const jwt = jwtOf({ sub: 'tenant_1', exp: NOW + 60 })
    expect(readToken(jwt, EVM, NOW)).toEqual({ jwt, expiresAt: NOW + 60 })
    expect(read({})).toEqual({ jwt: jwtOf({}) })
  })

  test('whose claims are opaque is taken as it is', () => {
    for (const jwt of ['a.b.c', 'eyJ.__.--', 'a.WzFd.c', 'a.bnVsbA.c']) {
      expect(readToken(jwt, EVM, NOW)).toEqual({ jwt })
    }
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['true', true],
    ['a number', 5],
    ['an object', { jwt: 'a.b.c' }],
    ['a list', ['a.b.c']],
    ['empty', ''],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['an empty part', 'a..c'],
    ['no signature', 'a.b.'],
    ['a space', 'a.b. c'],
    ['a line break', 'a.b.c\r\nx-evil: 1'],
    ['a line break at its end', 'a.b.c\n'],
    ['padding', 'a.b=.c'],
    ['standard base64', 'a.b+/.c'],
    ['a scheme before it', 'Bearer a.b.c'],
    ['a character beyond ASCII', 'a.b.ç'],
  ])('is not adopted where it is, or has, %s', (_, jwt) => {
    expect(readToken(jwt, EVM, NOW)).toBeUndefined()
  })

  test('is at most 4 KB long', () => {
    expect(readToken(`a.b.${'c'.repeat(4_092)}`, EVM, NOW)).toBeDefined()
    expect(readToken(`a.b.${'c'.repeat(4_093)}`, EVM, NOW)).toBeUndefined()
  })

  test.each([
    [NOW + 1, true],
    [NOW, false],
    [NOW - 1, false],
    [0, false],
    [-1, false],
  ])('that ends at %i is adopted: %s', (exp, isAdopted) => {
    expect(read({ exp }) !== undefined).toBe(isAdopted)
  })

  test.each(['sub', 'wallet', 'address', 'wallet_address'])(
    'made out to another wallet in %s is not adopted',
    (claim) => {
      expect(read({ [claim]: OTHER_EVM })).toBeUndefined()
      expect(read({ [claim]: OTHER_SOLANA }, SOLANA)).toBeUndefined()
      expect(read({ [claim]: SOLANA })).toBeUndefined()
      expect(read({ [claim]: EVM }, SOLANA)).toBeUndefined()
      expect(read({ [claim]: `eip155:8453:${OTHER_EVM}` })).toBeUndefined()
      expect(read({ [claim]: `did:pkh:eip155:8453:${OTHER_EVM}` })).toBeUndefined()
    },
  )

  test.each(['sub', 'wallet', 'address', 'wallet_address'])(
    'made out to us in %s is adopted, in whatever form',
    (claim) => {
      for (const subject of [
        EVM,
        EVM.toLowerCase(),
        `eip155:8453:${EVM}`,
        `did:pkh:eip155:1:${EVM}`,
      ]) {
        expect(read({ [claim]: subject })).toBeDefined()
      }
      expect(read({ [claim]: SOLANA }, SOLANA)).toBeDefined()
      expect(
        read({ [claim]: `solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:${SOLANA}` }, SOLANA),
      ).toBeDefined()
    },
  )

  test('that names us in one claim and another in the next is not adopted', () => {
    expect(read({ sub: EVM, wallet: OTHER_EVM })).toBeUndefined()
  })

  test('with a subject that is no address is adopted: a tenant has an id', () => {
    for (const sub of ['tenant_1', '9b2f3c1e-7a7e-4f7e-9d0e-0123456789ab', 42, null, ['x']]) {
      expect(read({ sub })).toBeDefined()
    }
  })

  test('with a subject that only contains an address is adopted: it is no address', () => {
    for (const other of [OTHER_EVM, OTHER_SOLANA]) {
      for (const sub of [`tenant-${other}`, `${other}-tenant`, `a ${other}`]) {
        expect(read({ sub })).toBeDefined()
        expect(read({ sub }, SOLANA)).toBeDefined()
      }
    }
  })

  test('for Solana differs by the case of one letter', () => {
    expect(read({ sub: SOLANA.toLowerCase().replaceAll('l', 'L') }, SOLANA)).toBeUndefined()
  })

  test('never throws, and is never adopted changed', () => {
    const claims = fc
      .string({ unit: 'binary' })
      .map((text) => Buffer.from(text).toString('base64url'))
    const anything = fc.oneof(
      fc.anything(),
      claims.map((body) => `a.${body}.c`),
    )
    fc.assert(
      fc.property(anything, (jwt) => {
        const token = readToken(jwt, EVM, NOW)
        if (token) expect(token.jwt).toBe(jwt)
      }),
    )
  })
})
