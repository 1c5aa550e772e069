import { WalletError } from './WalletError'
import type { Asset, Hex } from './wallet'

/** An EIP-3009 transfer. Times are Unix seconds, `value` atomic units, `nonce` 0x and 32 bytes. */
export type TransferAuthorization = {
  readonly from: Hex
  readonly to: Hex
  readonly value: bigint
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly nonce: Hex
}

// EIP-3009, "transferWithAuthorization".
const types = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

/** The EIP-712 typed data of an EIP-3009 transfer, its domain from the compiled table. */
export function transferTypedData(network: string, asset: Asset, message: TransferAuthorization) {
  return {
    domain: {
      name: asset.name,
      version: asset.version,
      chainId: Number(network.slice('eip155:'.length)),
      verifyingContract: asset.address,
    },
    types,
    primaryType: 'TransferWithAuthorization' as const,
    message,
  }
}

/** What a signer is asked to sign. */
export type TransferTypedData = ReturnType<typeof transferTypedData>

let last: Hex | undefined

/**
 * 32 bytes nobody can guess: EIP-3009 nonces are unordered, and must never repeat. Throws `WalletError`
 * `refused` where the platform makes the same twice, as polyfills that fill in nothing do.
 */
export function randomNonce(): Hex {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const nonce: Hex = `0x${hex}`
  if (nonce === last)
    throw new WalletError('refused', 'Refused to pay: random numbers repeat here.')
  last = nonce
  return nonce
}
