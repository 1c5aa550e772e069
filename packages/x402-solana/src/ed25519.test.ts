import { afterEach, expect, test, vi } from 'vitest'
import { ed25519Signer, ed25519Verify } from './ed25519'

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
// RFC 8032, section 7.1, test 2.
const seed = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
const publicKey = hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
const message = hex('72')
const signature = hex(
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
)

afterEach(() => {
  vi.restoreAllMocks()
})

const withoutEd25519 = () =>
  vi
    .spyOn(crypto.subtle, 'importKey')
    .mockRejectedValue(new DOMException('Unrecognized name.', 'NotSupportedError'))

test('WebCrypto gives the signature of RFC 8032', async () => {
  expect(await ed25519Signer(seed)(message)).toEqual(signature)
})

test('where WebCrypto has no Ed25519 the signature is the same', async () => {
  const missing = withoutEd25519()
  expect(await ed25519Signer(seed)(message)).toEqual(signature)
  expect(missing).toHaveBeenCalled()
})

test('where there is neither WebCrypto’s Ed25519 nor tweetnacl, the error says what to do', async () => {
  withoutEd25519()
  vi.doMock('tweetnacl', () => ({ default: {} }))
  await expect(ed25519Signer(seed)(message)).rejects.toMatchObject({
    code: 'unsupported_runtime',
    message: expect.stringContaining('pass a wallet'),
  })
  vi.doUnmock('tweetnacl')
})

test.each([
  ['with WebCrypto', () => undefined],
  ['without it', withoutEd25519],
])('a signature is verified, and any changed bit is noticed, %s', async (_, prepare) => {
  prepare()
  expect(await ed25519Verify(signature, message, publicKey)).toBe(true)
  expect(await ed25519Verify(signature, hex('73'), publicKey)).toBe(false)
  for (const at of [0, 31, 32, 40]) {
    const changed = signature.map((byte, index) => (index === at ? byte ^ 1 : byte))
    expect(await ed25519Verify(changed, message, publicKey)).toBe(false)
  }
})

test('the key is imported once for all signatures', async () => {
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  const sign = ed25519Signer(seed)
  await Promise.all([sign(message), sign(message), sign(message)])
  expect(importKey).toHaveBeenCalledTimes(1)
})
