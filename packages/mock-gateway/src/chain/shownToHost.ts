import type { FacilitatorEvmSigner } from '@x402/evm'
import type { Hex } from 'viem'
import { isErc6492Signature } from 'viem'
import type { GatewayClock } from '../clock'
import type { EvmNetwork } from '../networks'
import type { Payment } from '../payments/decodePayment'
import type { Authorization } from './Authorization'
import type { Chain } from './Chain'
import { transferDigest } from './transferDigest'

/** An authorization under the times the official facilitator is shown, and under its own. */
export interface Presented {
  readonly shown: Authorization
  readonly shownDigest: Hex
  readonly signed: Authorization
  readonly signedDigest: Hex
  /** Its signature says how to deploy the payer (ERC-6492). */
  readonly isWrapped: boolean
  /** The payment's payload with the times that are shown. */
  readonly payload: Record<string, unknown>
}

/**
 * The official scheme reads the host's clock. When the gateway's differs, the scheme is shown times moved to the
 * host's, and its signer has what was signed checked and done.
 */
export interface ClockedSigner extends FacilitatorEvmSigner {
  present(presented: Presented): void
  forget(presented: Presented): void
}

/** Shows payments of a network on the host's clock, to a scheme whose signer knows them for as long. */
export function shownToHost(
  signer: ClockedSigner,
  network: EvmNetwork,
  clock: GatewayClock,
): Chain['present'] {
  return async (payment, verdict) => {
    const offset = clock.hostOffsetSeconds()
    if (offset === 0 || payment.kind !== 'evm') return verdict(payment.payload)
    const presented = movedToHost(payment, network, offset)
    signer.present(presented)
    try {
      return await verdict(presented.payload)
    } finally {
      signer.forget(presented)
    }
  }
}

/** A payment with its times moved from a clock `offset` seconds ahead to the host's. */
function movedToHost(
  { authorization, signature, payload }: Payment & { kind: 'evm' },
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
    payload: {
      ...payload,
      authorization: {
        ...(payload.authorization as object), // Of a payment that was decoded.
        validAfter: shown.validAfter.toString(),
        validBefore: shown.validBefore.toString(),
      },
    },
  }
}
