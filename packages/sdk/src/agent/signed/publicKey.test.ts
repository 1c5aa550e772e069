import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { systemRuntime } from '../../runtime'
import { encodeBase58 } from '../../siwx/base58'
import { isOfOrigin, publicKeyOf } from './publicKey'

const ORIGIN = 'https://seller.example:8443'
const HOST = 'did:web:seller.example%3A8443'
const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const bytes = new Uint8Array(Buffer.from(String(jwk.x), 'base64url'))
const key = { algorithm: 'EdDSA', bytes }
const multibase = `z${encodeBase58(Uint8Array.of(0xed, 1, ...bytes))}`

/** A seller whose document of keys is this, and where it was asked for. */
function publishing(document: unknown) {
  const asked: string[] = []
  const runtime = systemRuntime(async (url) => {
    asked.push(String(url))
    return document instanceof Response ? document : Response.json(document)
  })
  return { asked, source: { origin: ORIGIN, runtime, documents: new Map() } }
}

const documented = (...verificationMethod: readonly object[]) => publishing({ verificationMethod })

describe('a key of the seller’s own host', () => {
  test.each([
    ['its whole name', `${HOST}#key-1`, { id: `${HOST}#key-1`, publicKeyJwk: jwk }],
    ['its fragment', `${HOST}#key-1`, { id: '#key-1', publicKeyMultibase: multibase }],
    ['no name, the first', HOST, { id: 'any', publicKeyJwk: jwk }],
  ])('is found by %s', async (_, kid, method) => {
    const { source, asked } = documented({ id: '#key-0' }, method)
    const first = kid === HOST ? documented(method) : { source, asked }
    expect(await publicKeyOf(kid, first.source)).toEqual(key)
    expect(first.asked).toEqual([`${ORIGIN}/.well-known/did.json`])
  })

  test('is asked for once for all statements, and where its path says', async () => {
    const { source, asked } = documented({ id: '#a', publicKeyJwk: jwk })
    const kid = `${HOST}:agents:joker#a`
    expect(await Promise.all([publicKeyOf(kid, source), publicKeyOf(kid, source)])).toEqual([
      key,
      key,
    ])
    expect(asked).toEqual([`${ORIGIN}/agents/joker/did.json`])
  })

  test.each([
    ['without one of that name', { verificationMethod: [{ id: '#key-2', publicKeyJwk: jwk }] }],
    ['without a key in it', { verificationMethod: [{ id: '#key-1' }] }],
    ['without any', {}],
    ['that is none', new Response('<html>')],
    ['that is not there', new Response('{}', { status: 404 })],
  ])('is none by a document %s', async (_, document) => {
    expect(await publicKeyOf(`${HOST}#key-1`, publishing(document).source)).toBeUndefined()
  })

  test('is never asked of another host, nor at a path that leaves its own', async () => {
    const { source, asked } = documented({ id: '#a', publicKeyJwk: jwk })
    for (const did of ['did:web:seller.example', 'did:web:other.example', `${HOST}:..%2F:a/b`]) {
      expect(await publicKeyOf(`${did}#a`, source)).toBeUndefined()
      expect(isOfOrigin(did, ORIGIN)).toBe(false)
    }
    expect(asked).toEqual([])
    expect(isOfOrigin(`${HOST}#a`, ORIGIN)).toBe(true)
  })
})

test.each([
  ['did:key of no base58', 'did:key:z0OIl'],
  ['did:key of another base', 'did:key:mAAAA'],
  ['did:key of another kind', `did:key:z${encodeBase58(Uint8Array.of(1, 2, 3))}`],
  ['did:jwk of no JSON', 'did:jwk:AAAA'],
  ['did:jwk of another curve', `did:jwk:${btoa('{"kty":"EC","crv":"P-521","x":"AA"}')}`],
  ['did:jwk without its second half', `did:jwk:${btoa('{"crv":"P-256","x":"AA"}')}`],
  ['did:jwk without its first half', `did:jwk:${btoa('{"crv":"Ed25519"}')}`],
  ['no DID', 'key-1'],
  ['nothing', ''],
])('%s names no key', async (_, kid) => {
  expect(await publicKeyOf(kid, documented().source)).toBeUndefined()
})
