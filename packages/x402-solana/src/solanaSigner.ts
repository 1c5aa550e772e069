import { field } from './blockhash'
import { createWallet, type RawSigner } from './createWallet'
import { keySigner, readSecret } from './keySigner'
import { type KitModifyingSigner, type KitPartialSigner, kitSigner } from './kitSigner'
import { WalletError } from './WalletError'
import type { Wallet } from './wallet'

/** A `Keypair` of `@solana/web3.js` 1.x, or a key pair of tweetnacl. */
export type SolanaKeyPair = {
  readonly publicKey: Uint8Array | { toBytes(): Uint8Array }
  readonly secretKey: Uint8Array
}

/** Everything `solanaSigner` takes. */
export type SolanaSigner =
  | SolanaKeyPair
  | Uint8Array
  | string
  | KitPartialSigner
  | KitModifyingSigner
  | Wallet

/**
 * Makes a wallet from a web3.js `Keypair`, a 64-byte secret key, the same in base58, a tweetnacl key
 * pair or a `@solana/kit` signer. A wallet is returned as it is. Throws `WalletError`
 * `unsupported_signer` for anything else.
 */
export function solanaSigner(signer: SolanaSigner): Wallet {
  return isWallet(signer) ? signer : createWallet(rawSigner(signer))
}

function rawSigner(signer: Exclude<SolanaSigner, Wallet>): RawSigner {
  if (typeof signer === 'string') return keySigner(readSecret(signer))
  if (signer instanceof Uint8Array) return keySigner(signer)
  if (isKeyPair(signer)) return keySigner(signer.secretKey, publicBytes(signer.publicKey))
  if (isKitSigner(signer)) return kitSigner(signer)
  throw unsupported()
}

function publicBytes(publicKey: SolanaKeyPair['publicKey']): Uint8Array {
  const bytes = 'toBytes' in publicKey ? publicKey.toBytes() : publicKey
  if (!(bytes instanceof Uint8Array)) throw unsupported()
  return bytes
}

function isWallet(value: unknown): value is Wallet {
  return (
    field(value, 'namespace') === 'solana' &&
    typeof field(value, 'prepare') === 'function' &&
    typeof field(value, 'fate') === 'function'
  )
}

function isKeyPair(value: unknown): value is SolanaKeyPair {
  const publicKey = field(value, 'publicKey')
  return (
    field(value, 'secretKey') instanceof Uint8Array &&
    typeof publicKey === 'object' &&
    publicKey !== null
  )
}

function isKitSigner(value: unknown): value is KitPartialSigner | KitModifyingSigner {
  return (
    typeof field(value, 'address') === 'string' &&
    (typeof field(value, 'signTransactions') === 'function' ||
      typeof field(value, 'modifyAndSignTransactions') === 'function')
  )
}

const unsupported = () =>
  new WalletError(
    'unsupported_signer',
    'Not a Solana signer. Pass a web3.js Keypair, a 64-byte secret key (bytes or base58), a tweetnacl ' +
      'key pair or a @solana/kit signer.',
  )
