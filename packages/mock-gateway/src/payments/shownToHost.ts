import { isErc6492Signature } from 'viem'
import type { Authorization } from '../chain/evmChain'
import type { Presented } from '../chain/evmFacilitatorSigner'
import { transferDigest } from '../chain/transferDigest'
import type { EvmNetwork } from '../networks'
import type { Payment } from './decodePayment'

/** A payment with its times moved from a clock `offset` seconds ahead to the host's. */
export function shownToHost(
  { authorization, signature }: Payment & { kind: 'evm' },
  network: EvmNetwork,
  offset: number,
): Presented {
  const move = (time: bigint) => {
    const moved = time - BigInt(offset)
    return moved < 0n ? 0n : moved
  }
  const shown: Authorization = {
    ...authorization,
    validAfter: move(authorization.validAfter),
    validBefore: move(authorization.validBefore),
  }
  return {
    signed: authorization,
    shown,
    signedDigest: transferDigest(authorization, network),
    shownDigest: transferDigest(shown, network),
    isWrapped: isErc6492Signature(signature),
  }
}
