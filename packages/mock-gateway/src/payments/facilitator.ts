import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import type {
  PaymentPayload,
  PaymentRequirements,
  SettleResponse,
  SupportedResponse,
  VerifyResponse,
} from '@x402/core/types'
import type { Chain } from '../chain/Chain'
import type { Payment } from './decodePayment'

/** The official facilitator over the gateway's chains, on its clock. */
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

/** Registers each chain's scheme. */
export function createFacilitator(chains: readonly Chain[]): Facilitator {
  const official = new x402Facilitator()
  for (const { network, scheme } of chains) official.register(network.id, scheme)

  const onItsChain = async <T>(
    payment: Payment,
    accepted: PaymentRequirements,
    run: (payload: PaymentPayload) => Promise<T>,
  ): Promise<T> => {
    const whole = (payload: Record<string, unknown>) => run({ x402Version: 2, accepted, payload })
    const chain = chains.find(({ network }) => network.id === payment.network.id)
    return chain ? chain.present(payment, whole) : whole(payment.payload)
  }

  return {
    client: {
      verify: (payload, requirements) => official.verify(payload, requirements),
      settle: (payload, requirements) => official.settle(payload, requirements),
      getSupported: async () => official.getSupported() as SupportedResponse, // its networks are strings
    },
    verify: (payment, requirements) =>
      onItsChain(payment, requirements, (payload) => official.verify(payload, requirements)),
    settle: (payment, requirements) =>
      onItsChain(payment, requirements, (payload) => official.settle(payload, requirements)),
  }
}
