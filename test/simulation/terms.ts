import type { Holder } from './Holder'
import type { GatewayPlan } from './plan'
import { EVM, ORIGIN } from './World'

/** One way to pay: how much, and how many requests that buys. */
export type Offer = {
  readonly holder: Holder
  readonly amount: bigint
  readonly requests: number
}

/** What a gateway of this plan asks `holders` for. */
export function offersOf(gateway: GatewayPlan, holders: readonly Holder[]): readonly Offer[] {
  return holders.flatMap((holder) =>
    gateway.multiples.map((times) => ({
      holder,
      amount:
        gateway.amount * BigInt(times) +
        (holder.namespace === 'solana' ? gateway.moreOnSolana : 0n),
      requests: gateway.requestsPerPayment * times,
    })),
  )
}

/** What the SDK takes at most for one payment by default, in atomic units. */
const MOST = 5_000_000n

/** The amount that is right to pay: the smallest at or above `topUp`, else the largest that is allowed. */
export function rightAmount(offers: readonly Offer[], topUp = 0n): bigint | undefined {
  const allowed = offers
    .map(({ amount }) => amount)
    .filter((amount) => amount <= MOST)
    .sort((a, b) => (a < b ? -1 : 1))
  return allowed.find((amount) => amount >= topUp) ?? allowed.at(-1)
}

/** What so many requests are worth, in atomic units. */
export function worthOf(requests: number, { amount, requestsPerPayment }: GatewayPlan): bigint {
  return (BigInt(requests) * amount) / BigInt(requestsPerPayment)
}

type Wording = {
  readonly error?: string | undefined
  /** Somebody else to be paid, in place of the gateway. */
  readonly payTo?: string | undefined
  readonly extra?: Readonly<Record<string, string>>
}

/** A 402's `PAYMENT-REQUIRED`. */
export function challengeFor(offers: readonly Offer[], { error, payTo, extra }: Wording): string {
  return base64({
    x402Version: 2,
    error,
    resource: { url: `${ORIGIN}/v1/chat/completions` },
    accepts: offers.map(({ holder, amount }) => ({
      scheme: 'exact',
      network: holder.network,
      amount: amount.toString(),
      asset: holder.asset,
      payTo: payTo ?? holder.payTo,
      maxTimeoutSeconds: 60,
      extra: holder.namespace === 'solana' ? extra : { name: 'USD Coin', version: '2' },
    })),
  })
}

/** Terms of one offer on Base. */
export function termsFor(amount: bigint, payTo: string, error?: string): string {
  return challengeFor([{ holder: EVM, amount, requests: 1 }], { error, payTo })
}

/** A token with these claims: three parts of base64url (RFC 7519). */
export function tokenWith(claims: object): string {
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`
}

export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}
