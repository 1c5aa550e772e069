import nacl from 'tweetnacl'
import { expect, test } from 'vitest'
import { verifyWithoutWebCrypto } from './verifyWithoutWebCrypto'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const flipped = (bytes: Uint8Array, at: number) =>
  bytes.map((byte, index) => (index === at >> 3 ? byte ^ (1 << (at & 7)) : byte))

test('it says what tweetnacl says, of honest signatures and of changed ones', async () => {
  for (let round = 0; round < 12; round++) {
    const { publicKey, secretKey } = nacl.sign.keyPair()
    const message = random(round * 20)
    const signature = nacl.sign.detached(message, secretKey)
    expect(await verifyWithoutWebCrypto(signature, message, publicKey)).toBe(true)
    const forged = flipped(signature, (round * 43) % 512)
    expect(await verifyWithoutWebCrypto(forged, message, publicKey)).toBe(false)
    expect(await verifyWithoutWebCrypto(signature, random(5), publicKey)).toBe(false)
    const other = flipped(publicKey, (round * 21) % 256)
    expect(await verifyWithoutWebCrypto(signature, message, other)).toBe(false)
  }
})

test('the same signature with L added to S is another one, and none', async () => {
  const { publicKey, secretKey } = nacl.sign.keyPair()
  const message = random(32)
  const signature = nacl.sign.detached(message, secretKey)
  const s = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const raised = Uint8Array.from({ length: 32 }, (_, at) =>
    Number(((s + L) >> BigInt(8 * at)) & 255n),
  )
  const malleable = Uint8Array.from([...signature.slice(0, 32), ...raised])
  expect(await verifyWithoutWebCrypto(malleable, message, publicKey)).toBe(false)
})

test('keys that are no points, or written wrongly, verify nothing', async () => {
  const signature = nacl.sign.detached(random(32), nacl.sign.keyPair().secretKey)
  const two = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 2 : 0))
  const minusZero = Uint8Array.from(
    { length: 32 },
    (_, index) => [1, 0x80][[0, 31].indexOf(index)] ?? 0,
  )
  const tooLarge = new Uint8Array(32).fill(0xff)
  for (const key of [two, minusZero, tooLarge, new Uint8Array(31), new Uint8Array()]) {
    expect(await verifyWithoutWebCrypto(signature, random(32), key)).toBe(false)
  }
})

test.each([0, 63, 65, 128])('a signature of %i bytes is none', async (length) => {
  const { publicKey } = nacl.sign.keyPair()
  expect(await verifyWithoutWebCrypto(new Uint8Array(length), random(32), publicKey)).toBe(false)
})
