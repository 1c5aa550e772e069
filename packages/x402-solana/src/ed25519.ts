import { concat } from './bytes'
import { fromLittleEndian, L } from './curve'
import { verifyWithoutWebCrypto } from './verifyWithoutWebCrypto'
import { WalletError } from './WalletError'

/** Signs with a 32-byte Ed25519 seed. */
export type Ed25519Sign = (message: Uint8Array) => Promise<Uint8Array>

// PKCS #8 header of an Ed25519 private key (RFC 8410, section 7); the seed follows.
const PKCS8 = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]

/** A signing function for a seed: WebCrypto, or tweetnacl where the runtime has no Ed25519. */
export function ed25519Signer(seed: Uint8Array): Ed25519Sign {
  let key: Promise<CryptoKey | undefined> | undefined
  return async (message) => {
    key ??= native(() =>
      crypto.subtle.importKey('pkcs8', concat(PKCS8, seed), 'Ed25519', false, ['sign']),
    )
    const imported = await key
    if (imported !== undefined) {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', imported, concat(message)))
    }
    const nacl = await tweetnacl()
    // From the seed, not the 64 bytes a caller gave: signing with a public half that does not belong
    // to the seed would give the seed away.
    return nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey)
  }
}

// Section 5.1.7: an S that is not below the order makes a second signature of a first one. Not every
// runtime refuses it.
const isCanonical = (signature: Uint8Array) =>
  signature.length === 64 && fromLittleEndian(signature.subarray(32)) < L

/** Whether `signature` is that of `message` by the key `address` (32 bytes). */
export async function ed25519Verify(
  signature: Uint8Array,
  message: Uint8Array,
  address: Uint8Array,
): Promise<boolean> {
  if (!isCanonical(signature)) return false
  const key = await native(() =>
    crypto.subtle.importKey('raw', concat(address), 'Ed25519', false, ['verify']),
  )
  if (key !== undefined) {
    return crypto.subtle.verify('Ed25519', key, concat(signature), concat(message))
  }
  // Public values alone, so plain arithmetic will do, at a fifteenth of the size of tweetnacl.
  return verifyWithoutWebCrypto(signature, message, address)
}

// An import that fails means the runtime lacks the algorithm, or WebCrypto altogether: the bytes are
// of the right length, and any 32 are a seed. A public key off the curve fails the other way as well.
async function native(importKey: () => Promise<CryptoKey>): Promise<CryptoKey | undefined> {
  try {
    return await importKey()
  } catch {
    return undefined
  }
}

// Bundles for browsers have it not (`browser` in package.json): those without Ed25519 are old, a key in
// a page is rare, and arithmetic that takes no time attack into account is not for keys.
async function tweetnacl() {
  const { default: nacl } = await import('tweetnacl')
  if (typeof nacl?.sign === 'function') return nacl
  throw new WalletError(
    'unsupported_runtime',
    'This browser cannot sign with an Ed25519 key: pass a wallet instead of a key.',
  )
}
