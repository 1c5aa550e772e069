import bs58 from 'bs58'
import { concat, encode58, isSame } from './bytes'
import type { RawSigner } from './createWallet'
import { ed25519Signer } from './ed25519'
import { WalletError } from './WalletError'

/** A signer from the 64 bytes of a Solana secret key: the seed, then the public key. */
export function keySigner(secretKey: Uint8Array, publicKey?: Uint8Array): RawSigner {
  if (secretKey.length !== 64) {
    throw new WalletError(
      'unsupported_signer',
      'A Solana secret key is 64 bytes: seed and public key.',
    )
  }
  const own = secretKey.slice(32)
  if (publicKey !== undefined && !isSame(own, publicKey)) {
    throw new WalletError('unsupported_signer', 'The public key does not belong to the secret key.')
  }
  const sign = ed25519Signer(secretKey.slice(0, 32))
  return {
    address: encode58(own),
    signMessage: sign,
    signTransaction: async (wire) => {
      const message = wire.subarray(129)
      return concat(wire.subarray(0, 65), await sign(message), message)
    },
  }
}

/** The bytes of a base58 secret key, as Phantom exports it. Throws `WalletError` `unsupported_signer`. */
export function readSecret(text: string): Uint8Array {
  const bytes = text.length > 88 ? undefined : bs58.decodeUnsafe(text)
  if (bytes === undefined) {
    throw new WalletError('unsupported_signer', 'The string is no base58 secret key of 64 bytes.')
  }
  return bytes
}
