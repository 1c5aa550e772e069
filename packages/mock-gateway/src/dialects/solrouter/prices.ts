import { GatewayConfigError } from '../../GatewayConfigError'
import { type Money, toUnits } from '../../money'

/** What can be bought call by call. */
export interface Priced {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Atomic USDC units. */
  readonly price: bigint
}

/** What each call costs where nothing else is said. */
const PRICES = {
  chat: '$0.02',
  quote: '$0.001',
  oneshot: '$0.10',
  wallets: '$0.05',
  'fund-intent': '$0.001',
  swap: '$0.05',
  encrypt: '$0.02',
  shield: '$0.05',
  withdraw: '$0.05',
  balance: '$0.005',
} as const

/** Name of a call that has a price. */
export type PricedCall = keyof typeof PRICES

/** Every call that has a price, with those given in place of the usual ones. Throws GatewayConfigError. */
export function pricedCalls(
  prices: Readonly<Partial<Record<PricedCall, Money>>>,
): Readonly<Record<PricedCall, Priced>> {
  const unknown = Object.keys(prices).find((name) => !Object.hasOwn(PRICES, name))
  if (unknown) throw new GatewayConfigError(`solrouter.prices has no '${unknown}'`)
  const calls = Object.entries({ ...PRICES, ...prices }).map(([name, price]) => [
    name,
    {
      method: name === 'balance' ? 'GET' : 'POST',
      path: name === 'chat' ? '/api/v1/x402/chat/completions' : `/agents/v1/${name}`,
      price: toUnits(price, 'solrouter.prices'),
    },
  ])
  return Object.fromEntries(calls)
}
