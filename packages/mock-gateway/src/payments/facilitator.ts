import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import type {
  PaymentPayload,
  PaymentRequirements,
  SettleResponse,
  SupportedResponse,
  VerifyResponse,
} from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactSvmScheme } from '@x402/svm/exact/facilitator'
import type { Chain } from '../chain/chains'
import { isEvmChain } from '../chain/chains'
import type { EvmFacilitatorSigner } from '../chain/evmFacilitatorSigner'
import { createEvmFacilitatorSigner } from '../chain/evmFacilitatorSigner'
import type { FeePayer } from '../chain/solanaFacilitatorSigner'
import { createSolanaFacilitatorSigner } from '../chain/solanaFacilitatorSigner'
import type { GatewayClock } from '../clock'
import type { NetworkId } from '../networks'
import type { Payment } from './decodePayment'
import { shownToHost } from './shownToHost'

/** The official facilitator over the stub chains, on the gateway's clock. */
export interface Facilitator {
  verify(payment: Payment, requirements: PaymentRequirements): Promise<VerifyResponse>
  settle(payment: Payment, requirements: PaymentRequirements): Promise<SettleResponse>
  /** As sellers know it, on the host's clock. */
  readonly client: FacilitatorClient
}

/** One of the user's own, on the host's clock. */
export function ownFacilitator(client: FacilitatorClient): Facilitator {
  const whole = ({ payload }: Payment, accepted: PaymentRequirements): PaymentPayload => {
    return { x402Version: 2, accepted, payload }
  }
  return {
    client,
    verify: (payment, requirements) => client.verify(whole(payment, requirements), requirements),
    settle: (payment, requirements) => client.settle(whole(payment, requirements), requirements),
  }
}

/** Registers the exact scheme for each chain. */
export function createFacilitator(
  chains: readonly Chain[],
  feePayer: FeePayer,
  clock: GatewayClock,
): Facilitator {
  const official = new x402Facilitator()
  const evmSigners = new Map<NetworkId, EvmFacilitatorSigner>()
  for (const chain of chains) {
    if (isEvmChain(chain)) {
      const signer = createEvmFacilitatorSigner(chain)
      evmSigners.set(chain.network.id, signer)
      // The facilitator deploys nothing for a payer but by a factory it was told to trust.
      const config = { eip6492AllowedFactories: chain.factories, simulateInSettle: true }
      official.register(chain.network.id, new ExactEvmScheme(signer, config))
    } else {
      const signer = createSolanaFacilitatorSigner(chain, feePayer)
      official.register(chain.network.id, new ExactSvmScheme(signer))
    }
  }

  const onHostClock = async <T>(
    payment: Payment,
    accepted: PaymentRequirements,
    run: (payload: PaymentPayload) => Promise<T>,
  ): Promise<T> => {
    const whole = { x402Version: 2, accepted, payload: payment.payload }
    const offset = clock.hostOffsetSeconds()
    const signer = evmSigners.get(payment.network.id)
    if (offset === 0 || payment.kind !== 'evm' || !signer) return run(whole)
    const presented = shownToHost(payment, payment.network, offset)
    signer.present(presented)
    try {
      const { validAfter, validBefore } = presented.shown
      const authorization = {
        ...(payment.payload.authorization as object),
        validAfter: validAfter.toString(),
        validBefore: validBefore.toString(),
      }
      return await run({ ...whole, payload: { ...payment.payload, authorization } })
    } finally {
      signer.forget(presented)
    }
  }

  return {
    client: {
      verify: (payload, requirements) => official.verify(payload, requirements),
      settle: (payload, requirements) => official.settle(payload, requirements),
      getSupported: async () => official.getSupported() as SupportedResponse, // its networks are strings
    },
    verify: (payment, requirements) =>
      onHostClock(payment, requirements, (payload) => official.verify(payload, requirements)),
    settle: (payment, requirements) =>
      onHostClock(payment, requirements, (payload) => official.settle(payload, requirements)),
  }
}
