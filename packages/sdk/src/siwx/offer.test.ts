import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64 } from '../encoding'
import { ARouterError } from '../errors'
import { parseBase } from '../exchange'
import { readOffer } from './offer'

const base = parseBase('https://gateway.example:8443/prefix')
const info = {
  domain: 'gateway.example:8443',
  uri: 'https://gateway.example:8443/v1/chat/completions',
  version: '1',
  nonce: '0123456789abcdef0123456789abcdef',
  issuedAt: '2026-11-20T16:37:24.636Z',
  expirationTime: '2026-11-20T16:42:24Z',
}
const chains = [{ chainId: 'eip155:8453', type: 'eip191' }]
const header = (
  changes: Readonly<Record<string, unknown>> = {},
  supportedChains: unknown = chains,
) =>
  encodeBase64(
    JSON.stringify({
      x402Version: 2,
      accepts: [],
      extensions: { 'sign-in-with-x': { info: { ...info, ...changes }, supportedChains } },
    }),
  )

describe('a sign-in offer', () => {
  test('brings a nonce, times and chains', () => {
    expect(readOffer(header(), base)).toEqual({
      nonce: info.nonce,
      issuedAt: Date.parse(info.issuedAt),
      expirationTime: Date.parse(info.expirationTime),
      chains: ['eip155:8453'],
    })
  })

  test('is absent from a header that is none, too large, or has no such extension', () => {
    for (const text of [
      null,
      '',
      '%%%',
      encodeBase64('[]'),
      encodeBase64('{}'),
      'A'.repeat(22_001),
    ]) {
      expect(readOffer(text, base)).toBeUndefined()
    }
    expect(readOffer(encodeBase64('{"extensions":{"sign-in-with-x":[]}}'), base)).toBeUndefined()
  })

  test('with times that are none, or not in UTC, has none', () => {
    for (const issuedAt of [
      'now',
      0,
      null,
      '2026-11-20',
      '2026-11-20T16:37:24+02:00',
      '2026-99-99T99:99:99Z',
    ]) {
      expect(readOffer(header({ issuedAt, expirationTime: issuedAt }), base)).toMatchObject({
        issuedAt: undefined,
        expirationTime: undefined,
      })
    }
  })

  test('with chains that are none has none', () => {
    for (const supported of [null, 'eip155:8453', {}, [1, null, 'x', { chainId: 1 }]]) {
      expect(readOffer(header({}, supported), base)).toMatchObject({ chains: [] })
    }
  })

  test.each([
    ['domain', 'gateway.example'],
    ['domain', 'GATEWAY.example:8443'],
    ['domain', 'gateway.example:8443.evil.example'],
    ['domain', undefined],
    ['uri', 'http://gateway.example:8443/'],
    ['uri', 'https://gateway.example/'],
    ['uri', 'https://gateway.example:8443@evil.example/'],
    ['uri', 'https://gateway.example:8443.evil.example/'],
    ['uri', '/v1/chat/completions'],
    ['uri', {}],
    ['nonce', 'short'],
    ['nonce', 'a'.repeat(129)],
    ['nonce', 'abcdefgh ijkl'],
    ['nonce', 'abcdefgh\n'],
    ['nonce', null],
  ])('with the %s %j is refused', (name, value) => {
    expect(() => readOffer(header({ [name]: value }), base)).toThrow(
      expect.objectContaining({ code: 'sign_in_refused', fundsMoved: 'no' }),
    )
  })

  test('never throws anything but a typed error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map(encodeBase64),
      fc
        .dictionary(fc.constantFrom(...Object.keys(info)), fc.jsonValue())
        .map((each) => header(each)),
    )
    fc.assert(
      fc.property(text, (each) => {
        try {
          readOffer(each, base)
        } catch (error) {
          expect(error).toBeInstanceOf(ARouterError)
        }
      }),
    )
  })
})
