import type { Holder } from '../Holder'
import { base64 } from '../terms'
import { ORIGIN } from '../World'

/** What a seller asks for. */
export type Price = {
  readonly holder: Holder
  readonly amount: bigint
  /** Path of what is sold. */
  readonly path: string
  readonly version: 1 | 2
  readonly error?: string | undefined
}

/** Seconds for which a payment is good. */
const VALID_S = 60
/** Who pays for gas on Solana. */
const FEE_PAYER = 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY'
const V1_NAMES = { eip155: 'base', solana: 'solana' } as const

/** What somebody in between makes of the terms of one offer. */
export const twists = {
  dearer: (price) => ({ amount: `${price.amount * 1_000n}` }),
  thief: ({ holder }) => ({
    payTo: holder.namespace === 'solana' ? FEE_PAYER : `0x${'c'.repeat(40)}`,
  }),
  asset: () => ({ asset: `0x${'d'.repeat(40)}` }),
  'no asset': () => ({ asset: undefined }),
  network: () => ({ network: 'eip155:1' }),
  domain: ({ holder }) => ({
    extra: holder.namespace === 'solana' ? {} : { name: 'USDC', version: '2' },
  }),
  'its own payer': ({ holder }) => ({ payTo: holder.address }),
} satisfies Record<string, (price: Price) => object>

export type Twist = keyof typeof twists

/** The members of one offer in x402, as it is meant or twisted. */
export function offerOf(price: Price, twist?: Twist): Readonly<Record<string, unknown>> {
  const { holder, amount, path, version } = price
  const isV1 = version === 1
  const offer = {
    scheme: 'exact',
    network: isV1 ? V1_NAMES[holder.namespace] : holder.network,
    amount: `${amount}`,
    asset: holder.asset,
    payTo: holder.payTo,
    maxTimeoutSeconds: VALID_S,
    extra:
      holder.namespace === 'solana' ? { feePayer: FEE_PAYER } : { name: 'USD Coin', version: '2' },
    ...(twist && twists[twist](price)),
  }
  if (!isV1) return offer
  const { amount: maxAmountRequired, ...rest } = offer
  return { ...rest, maxAmountRequired, resource: ORIGIN + path }
}

/** All of the terms. */
export function requiredOf(price: Price, twist?: Twist): Readonly<Record<string, unknown>> {
  const { version, error, path } = price
  const accepts = [offerOf(price, twist)]
  if (version === 1) return { x402Version: 1, error: error ?? 'X-PAYMENT is required', accepts }
  return { x402Version: 2, error, resource: { url: ORIGIN + path }, accepts }
}

/** A 402: in a header in version 2, in the body in version 1. */
export function ask(price: Price, twist?: Twist): Response {
  const required = requiredOf(price, twist)
  if (price.version === 1) return Response.json(required, { status: 402 })
  return new Response(null, { status: 402, headers: { 'payment-required': base64(required) } })
}

/** What a settlement is told by. */
export function receiptOf({ network, address: payer }: Holder) {
  return { success: true, transaction: '0xtx', network, payer }
}

/** The header of a receipt. */
export function receipt(holder: Holder, version: 1 | 2 = 2): Record<string, string> {
  const name = version === 1 ? 'x-payment-response' : 'payment-response'
  const network = version === 1 ? V1_NAMES[holder.namespace] : holder.network
  return { [name]: base64({ ...receiptOf(holder), network }) }
}
