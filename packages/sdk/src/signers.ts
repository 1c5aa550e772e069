import {
  checksumAddress,
  type EvmAccount,
  type Wallet as EvmWallet,
  type EvmWalletClient,
  evmSigner,
} from '@arouter/x402-evm'
import { type SolanaSigner, solanaSigner } from '@arouter/x402-solana'
import { ARouterError } from './errors'
import { plainCause } from './plainCause'
import { redact } from './redact'
import type { MessageSigner } from './siwx/SignIn'
import type { Wallet } from './wallet'

/** A viem account or `WalletClient`, or what `evmSigner` made of one. */
export type EvmSigner = EvmAccount | EvmWalletClient | EvmWallet

/** Something that signs a message for an address: 0x-hex for EVM, standard base64 for Solana. */
export type WalletSigner = Pick<MessageSigner, 'address' | 'signMessage'>

/** @throws ARouterError `invalid_signer`. */
export function evmWallet(signer: EvmSigner): Wallet {
  return checked(() => evmSigner(signer))
}

/** @throws ARouterError `invalid_signer`. */
export function solanaWallet(signer: SolanaSigner): Wallet {
  return checked(() => solanaSigner(signer))
}

/**
 * A message signer, its EVM address in EIP-55 as EIP-4361 asks.
 * @throws ARouterError `invalid_signer`.
 */
export function messageSigner(signer: WalletSigner | EvmSigner): MessageSigner {
  if (typeof signer !== 'object' || signer === null) {
    throw invalidSigner('a wallet signer is { address, signMessage }', undefined)
  }
  if ('signTypedData' in signer) return evmWallet(signer)
  const { address } = signer
  if (typeof address !== 'string' || typeof signer.signMessage !== 'function') {
    throw invalidSigner('a wallet signer is { address, signMessage }', undefined)
  }
  const signMessage = async (message: string) => signer.signMessage(message)
  if (address.startsWith('0x'))
    return checked(() => ({ address: checksumAddress(address), signMessage }))
  if (BASE58_KEY.test(address)) return { address, signMessage }
  throw invalidSigner('its address is neither an EVM nor a Solana address', undefined)
}

const BASE58_KEY = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/

function checked<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw invalidSigner(
      cause instanceof Error ? redact(cause.message) : 'it is of no known kind',
      cause,
    )
  }
}

function invalidSigner(why: string, cause: unknown): ARouterError {
  return new ARouterError(
    0,
    'invalid_signer',
    `The signer cannot be used: ${why.replace(/\.$/, '')}. Funds moved: no.`,
    { cause: plainCause(cause) },
  )
}
