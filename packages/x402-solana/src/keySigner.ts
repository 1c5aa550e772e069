import { decode58, encode58 } from './base58'
import { concat } from './bytes'
import type { RawSigner } from './createWallet'
import { ed25519Signer } from './ed25519'
import { WalletError } from './WalletError'

/** A signer from the 64 bytes of a Solana secret key: the seed, then the public key. */
export function keySigner(secretKey: Uint8Array, publicKey?: Uint8Array): RawSigner {
  const address = encode58(secretKey.slice(32))
  if (secretKey.length !== 64 || (publicKey !== undefined && encode58(publicKey) !== address)) {
    throw malformed()
  }
  const sign = ed25519Signer(secretKey.slice(0, 32))
  return {
    address,
    signMessage: sign,
    signTransaction: async (wire) => {
      const message = wire.subarray(129)
      return concat(wire.subarray(0, 65), await sign(message), message)
    },
  }
}

/** The bytes of a base58 secret key, as Phantom exports it. Throws `WalletError` `unsupported_signer`. */
export function readSecret(text: string): Uint8Array {
  const bytes = decode58(text, 64)
  if (bytes === undefined) {
    throw malformed()
  }
  return bytes
}

const malformed = () =>
  new WalletError(
    'unsupported_signer',
    'Not a Solana secret key: 64 bytes, the seed and the public key that belongs to it.',
  )
