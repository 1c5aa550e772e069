import type { PaymentRequirements, SchemeNetworkFacilitator } from '@x402/core/types'

/** The scheme, where `before` has been done for whoever is to be paid. */
export function withAccounts(
  scheme: SchemeNetworkFacilitator,
  before: (payTo: PaymentRequirements['payTo']) => Promise<unknown>,
): SchemeNetworkFacilitator {
  return {
    scheme: scheme.scheme,
    caipFamily: scheme.caipFamily,
    getExtra: (network) => scheme.getExtra(network),
    getSigners: (network) => scheme.getSigners(network),
    verify: async (payload, requirements, context) => {
      await before(requirements.payTo)
      return scheme.verify(payload, requirements, context)
    },
    settle: async (payload, requirements, context) => {
      await before(requirements.payTo)
      return scheme.settle(payload, requirements, context)
    },
  }
}
