import type { Hex } from 'viem'
import { hashTypedData } from 'viem'
import type { EvmNetwork } from '../networks'
import type { Authorization } from './Authorization'

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

/** EIP-712 digest of an EIP-3009 transfer. */
export function transferDigest(message: Authorization, network: EvmNetwork): Hex {
  return hashTypedData({
    domain: {
      name: network.name,
      version: network.version,
      chainId: network.chainId,
      verifyingContract: network.asset,
    },
    types,
    primaryType: 'TransferWithAuthorization',
    message,
  })
}
