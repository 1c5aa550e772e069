import type { PaymentPayload, PaymentRequired } from '@x402/core/types'
import type { x402Client } from '@x402/fetch'
import { decoded } from './chat'

type Change = (terms: PaymentRequired) => PaymentRequired

/** The terms of the 402 to a request: in its header, or in its body (version 1). */
export async function termsAt(url: string, init?: RequestInit): Promise<PaymentRequired> {
  const response = await fetch(url, init)
  if (response.status !== 402) throw new Error(`no terms but ${response.status} at ${url}`)
  const terms = decoded(response, 'PAYMENT-REQUIRED') ?? (await response.json())
  return terms as PaymentRequired
}

/** A payment signed by the official client for the terms of a request, changed first if asked. */
export async function signAgainst(
  url: string,
  payer: { readonly client: x402Client },
  { init, change = (terms) => terms }: { init?: RequestInit; change?: Change } = {},
): Promise<PaymentPayload> {
  return payer.client.createPaymentPayload(change(await termsAt(url, init)))
}

/** Changes every offer. */
export const withOffers =
  (change: Readonly<Record<string, unknown>>): Change =>
  (terms) => ({ ...terms, accepts: terms.accepts.map((offer) => ({ ...offer, ...change })) })

/** Keeps the offers of one network. */
export const offersOn =
  (network: string): Change =>
  (terms) => ({ ...terms, accepts: terms.accepts.filter((offer) => offer.network === network) })
