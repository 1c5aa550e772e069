import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { publicKeyToAddress } from 'viem/accounts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readSignature } from '../../packages/x402-evm/src/readSignature'
import { recover } from '../../packages/x402-evm/src/verify'
import { ed25519Verify } from '../../packages/x402-solana/src/ed25519'

type Vector = {
  readonly id: string
  readonly key: string
  readonly message: string
  readonly signature: string
  readonly result: string
}

/** The vectors of a file; see its README for the form of it. */
function readVectors(name: string, special: readonly (readonly [string, string])[]): Vector[] {
  const text = readFileSync(new URL(`./wycheproof/${name}`, import.meta.url), 'utf8')
  let key = ''
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [id = '', message = '', signature = '', result = ''] = line
        .split(' ')
        .map((word) => (word === '-' ? '' : word))
      if (id === 'key') {
        key = message
        return []
      }
      if (id !== 'special') return [{ id, key, message, signature, result }]
      return special.map(([r, s], at) => {
        return { id: `special ${at}`, key, message, signature: r + s, result: 'invalid' }
      })
    })
}

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const pairs = (rs: readonly string[], ss: readonly string[]) =>
  rs.flatMap((r) => ss.map((s) => [r, s] as const))

describe('secp256k1', () => {
  const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const P = 2n ** 256n - 2n ** 32n - 977n
  const word = (value: bigint) => value.toString(16).padStart(64, '0')
  const odd = [0n, 1n, N, N - 1n, N + 1n, P, P + 1n].map(word)
  const vectors = readVectors('secp256k1.txt', pairs(odd, odd))

  /** Whether a signature, with the `v` of either parity, is taken for one by the key's address. */
  const accepted = ({ key, message, signature }: Omit<Vector, 'id' | 'result'>) => {
    const digest = createHash('sha256').update(bytes(message)).digest()
    const address = publicKeyToAddress(`0x${key}`).toLowerCase()
    return ['00', '01', '1b', '1c', '02', '03', '1d', '1e'].filter((v) => {
      try {
        return recover(digest, readSignature(`0x${signature}${v}`)) === address
      } catch {
        return false
      }
    })
  }

  test('there are all the vectors that the file has', () => {
    expect(vectors.filter(({ result }) => result === 'invalid').length).toBe(79)
    expect(vectors.length).toBe(242)
  })

  test.each(vectors.filter(({ result }) => result === 'invalid'))(
    'vector $id is not accepted, whatever its v',
    (vector) => {
      expect(accepted(vector)).toEqual([])
    },
  )

  test.each(vectors.filter(({ result }) => result === 'valid'))(
    'vector $id is accepted with the one right v, and in its low form only',
    (vector) => {
      const r = vector.signature.slice(0, 64)
      const s = BigInt(`0x${vector.signature.slice(64)}`)
      const low = { ...vector, signature: r + word(s < N - s ? s : N - s) }
      const high = { ...vector, signature: r + word(s < N - s ? N - s : s) }
      expect([
        ['00', '1b'],
        ['01', '1c'],
      ]).toContainEqual(accepted(low))
      expect(accepted(high)).toEqual([])
    },
  )

  test('a signature whose point is beyond the order has no v of 27 or 28, and is refused', () => {
    const beyond = vectors.filter(({ result }) => result === 'valid-beyond-n')
    expect(beyond).toHaveLength(1)
    for (const vector of beyond) {
      const s = BigInt(`0x${vector.signature.slice(64)}`)
      const low = { ...vector, signature: vector.signature.slice(0, 64) + word(N - s) }
      expect([accepted(vector), accepted(low)]).toEqual([[], []])
    }
  })
})

describe('Ed25519', () => {
  const L = 2n ** 252n + 27742317777372353535851937790883648493n
  const P = 2n ** 255n - 19n
  const littleEndian = (value: bigint) =>
    Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
  const special = pairs([0n, 1n, L, P].map(littleEndian), [0n, 1n, L - 1n, L, P].map(littleEndian))
  const vectors = readVectors('ed25519.txt', special)

  afterEach(() => {
    vi.restoreAllMocks()
  })

  const withoutWebCrypto = () =>
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no Ed25519'))

  test('there are all the vectors that the file has', () => {
    expect(vectors.filter(({ result }) => result === 'invalid').length).toBe(62)
    expect(vectors.length).toBe(150)
  })

  describe.each([
    ['WebCrypto', () => undefined],
    ['tweetnacl', withoutWebCrypto],
  ])('by %s', (_, prepare) => {
    test.each(vectors)('vector $id is $result', async ({ key, message, signature, result }) => {
      prepare()
      const verdict = await ed25519Verify(bytes(signature), bytes(message), bytes(key))
      expect(verdict).toBe(result === 'valid')
    })
  })
})
