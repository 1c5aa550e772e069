import type { PaymentRequirements } from '@x402/core/types'
import type { Chain } from '../chain/Chain'
import type { NetworkId } from '../networks'
import type { GatewayConfig } from '../options'

/** The gateway's own terms: what it offers, and what it holds a payment to. */
export interface Terms {
  /** Every offer, as a 402 states them now. */
  offers(): readonly PaymentRequirements[]
  /** An offer of one amount on each network. */
  priced(amount: bigint): readonly PaymentRequirements[]
  /** The offer of that network and amount, or undefined when there is none. */
  find(network: string, amount: bigint): PaymentRequirements | undefined
}

/** Terms with one offer per network and top-up amount; `feePayers` are those of a facilitator of the user's own. */
export function createTerms(
  config: GatewayConfig,
  chains: readonly Chain[],
  payTo: ReadonlyMap<NetworkId, string>,
  feePayers: ReadonlyMap<string, string>,
): Terms {
  const extraOf = (chain: Chain): Record<string, unknown> => {
    const { id, kind } = chain.network
    const theirs = kind === 'solana' && feePayers.get(id)
    const extra: Record<string, unknown> = { ...chain.offerExtra() }
    if (theirs) extra.feePayer = theirs
    if (config.blockhashHint) return extra
    const { recentBlockhash, lastValidBlockHeight, ...bare } = extra
    return bare
  }
  const offersOn = (chain: Chain, amounts = config.topUps): PaymentRequirements[] => {
    const extra = extraOf(chain)
    return amounts.map((amount) => ({
      scheme: 'exact',
      network: chain.network.id,
      amount: amount.toString(),
      asset: chain.network.asset,
      payTo: payTo.get(chain.network.id) ?? '',
      maxTimeoutSeconds: config.maxTimeoutSeconds,
      extra,
    }))
  }
  return {
    offers: () => chains.flatMap((chain) => offersOn(chain)),
    priced: (amount) => chains.flatMap((chain) => offersOn(chain, [amount])),
    find: (network, amount) => {
      const chain = chains.find((candidate) => candidate.network.id === network)
      return chain && offersOn(chain).find((offer) => offer.amount === amount.toString())
    },
  }
}
