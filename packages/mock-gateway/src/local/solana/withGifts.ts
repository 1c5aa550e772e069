import type {
  PaymentPayload,
  PaymentRequirements,
  SchemeNetworkFacilitator,
} from '@x402/core/types'
import { readSolanaTransfer } from '../../chain/solanaTransfer'

/** Who is given something before a payment is looked at. */
export interface Gifts {
  payee(address: string): Promise<void>
  payer(address: string): Promise<void>
}

/** The scheme, where both sides of a payment have been given what a chain wants them to have. */
export function withGifts(
  scheme: SchemeNetworkFacilitator,
  gifts: Gifts,
): SchemeNetworkFacilitator {
  const give = async ({ payload }: PaymentPayload, { payTo }: PaymentRequirements) => {
    await gifts.payee(payTo)
    const transfer = readSolanaTransfer(String(payload.transaction))
    if (transfer) await gifts.payer(transfer.authority)
  }
  return {
    scheme: scheme.scheme,
    caipFamily: scheme.caipFamily,
    getExtra: (network) => scheme.getExtra(network),
    getSigners: (network) => scheme.getSigners(network),
    verify: async (payload, requirements, context) => {
      await give(payload, requirements)
      return scheme.verify(payload, requirements, context)
    },
    settle: async (payload, requirements, context) => {
      await give(payload, requirements)
      return scheme.settle(payload, requirements, context)
    },
  }
}
