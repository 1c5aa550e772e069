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
  if (isKeyPair(signer)) return keySigner(signer.secretKey, bytesOf(signer.publicKey))
  if (isKitSigner(signer)) return kitSigner(signer)
  throw new WalletError(
    'unsupported_signer',
    'Not a Solana signer. Pass a web3.js Keypair, a 64-byte secret key (bytes or base58), a tweetnacl ' +
      'key pair or a @solana/kit signer.',
  )
}

const bytesOf = (key: SolanaKeyPair['publicKey']) => ('toBytes' in key ? key.toBytes() : key)

function isWallet(value: unknown): value is Wallet {
  return field(value, 'namespace') === 'solana' && has(value, 'prepare') && has(value, 'fate')
}

function isKeyPair(value: unknown): value is SolanaKeyPair {
  const publicKey = field(value, 'publicKey')
  return (
    field(value, 'secretKey') instanceof Uint8Array &&
    (publicKey instanceof Uint8Array || has(publicKey, 'toBytes'))
  )
}

function isKitSigner(value: unknown): value is KitPartialSigner | KitModifyingSigner {
  return (
    typeof field(value, 'address') === 'string' &&
    (has(value, 'signTransactions') || has(value, 'modifyAndSignTransactions'))
  )
}

const has = (value: unknown, method: string) => typeof field(value, method) === 'function'
