import type { Hex } from 'viem'
import { hashTypedData } from 'viem'
import type { Authorization } from '../chain/evmChain'
import type { Presented } from '../chain/evmFacilitatorSigner'
import type { EvmNetwork } from '../networks'

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

/** An authorization with its times moved from a clock `offset` seconds ahead to the host's. */
export function shownToHost(signed: Authorization, network: EvmNetwork, offset: number): Presented {
  const move = (time: bigint) => {
    const moved = time - BigInt(offset)
    return moved < 0n ? 0n : moved
  }
  const shown = {
    ...signed,
    validAfter: move(signed.validAfter),
    validBefore: move(signed.validBefore),
  }
  return {
    signed,
    shown,
    signedDigest: digestOf(signed, network),
    shownDigest: digestOf(shown, network),
  }
}

/** EIP-712 digest of an EIP-3009 transfer. */
function digestOf(message: Authorization, network: EvmNetwork): Hex {
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
