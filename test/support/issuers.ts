import { generateKeyPairSync, sign } from 'node:crypto'
import {
  createEIP712OfferReceiptIssuer,
  createJWSOfferReceiptIssuer,
} from '@x402/extensions/offer-receipt'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Signing } from './sellers'

const KEYS = {
  EdDSA: () => generateKeyPairSync('ed25519'),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES256K: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
}
/** Multicodec prefixes. */
const PREFIXES = { EdDSA: [0xed, 1], ES256: [0x80, 0x24], ES256K: [0xe7, 1] }

type Algorithm = keyof typeof KEYS

/** A new key, and what the official package signs with by it; `kid` is what statements name it by. */
export function jwsSigning(algorithm: Algorithm, method: 'key' | 'jwk' | 'web') {
  const { privateKey, publicKey } = KEYS[algorithm]()
  const jwk = publicKey.export({ format: 'jwk' })
  const point = [jwk.x, jwk.y].map((part) => Buffer.from(part ?? '', 'base64url'))
  const [x = Buffer.of(), y = Buffer.of()] = point
  const bytes = algorithm === 'EdDSA' ? x : Buffer.from([2 + ((y.at(-1) ?? 0) & 1), ...x])
  const kids = {
    key: () => `did:key:z${base58(Buffer.from([...PREFIXES[algorithm], ...bytes]))}`,
    jwk: () => `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`,
    web: () => 'did:web:nowhere.example#key-1',
  }
  const signer = {
    kid: kids[method](),
    format: 'jws' as const,
    algorithm: algorithm as string,
    sign: async (message: Uint8Array) =>
      sign(algorithm === 'EdDSA' ? null : 'sha256', message, {
        key: privateKey,
        dsaEncoding: 'ieee-p1363',
      }).toString('base64url'),
  }
  const issuer = createJWSOfferReceiptIssuer(signer.kid, signer)
  const method1 = () => ({ id: signer.kid, type: 'JsonWebKey2020', publicKeyJwk: jwk })
  const document = () => ({ id: signer.kid.split('#')[0], verificationMethod: [method1()] })
  return { signer, jwk, signing: { issuer, document } satisfies Signing }
}

/** A new EVM key that signs, and is paid where it says so. */
export function eip712Signing(is: 'paid' | 'not paid') {
  const account = privateKeyToAccount(generatePrivateKey())
  const issuer = createEIP712OfferReceiptIssuer(
    `did:pkh:eip155:1:${account.address}`,
    (typed) => account.signTypedData(typed as Parameters<typeof account.signTypedData>[0]), // as it is documented
  )
  const signing: Signing = { issuer, ...(is === 'paid' && { payTo: account.address }) }
  return { account, signing }
}

function base58(bytes: Uint8Array): string {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let number = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 58n) text = alphabet.charAt(Number(number % 58n)) + text
  return text
}
