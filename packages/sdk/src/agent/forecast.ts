import { PaymentPolicyError } from '../errors'
import { discard, type Exchange, transport } from '../exchange'
import { type Choice, judgeAll } from '../payment/choose'
import { intentOf } from '../payment/foresee'
import { choiceOf } from '../payment/lead'
import type { Account, Payer } from '../payment/Payer'
import type { PaymentIntent } from '../payment/policy'
import { readTerms } from '../payment/readTerms'
import type { Offer } from '../payment/requirements'
import { heldToSignedOffers } from './statements'

/** What a seller asks for. */
export type QuotedOffer = {
  readonly scheme: string
  /** CAIP-2. */
  readonly network: string
  /** Atomic units of `asset`. */
  readonly amount: bigint
  readonly asset: string
  readonly payTo: string
  /** Why this wallet would not pay it. */
  readonly refusal?: string
}

/** What a request would be asked to pay. */
export type Forecast = {
  /** What this wallet would pay; undefined where no offer may be paid, or the budget is used up. */
  readonly intent: PaymentIntent | undefined
  readonly offers: readonly QuotedOffer[]
}

/** Sends a request with nothing on it that could pay for it; undefined where it is not to be paid for. */
export async function forecast(payer: Payer, exchange: Exchange): Promise<Forecast | undefined> {
  const response = await transport(payer.runtime)(exchange)
  if (response.status !== 402) {
    discard(response)
    return undefined
  }
  payer.clock.learn(response.headers)
  const { required: stated } = await readTerms(response, exchange, payer.runtime)
  if (!stated) return undefined
  const required = await heldToSignedOffers(stated, payer)
  const verdicts = judgeAll(await choiceOf(payer, required, exchange))
  const offers = required.offers.map((offer, at) => quoted(offer, verdicts[at]))
  const intent = await intentOf(payer, required, exchange).catch((error) => {
    if (error instanceof PaymentPolicyError) return undefined
    throw error
  })
  return { intent, offers }
}

function quoted(offer: Offer, verdict: Choice<Account> | string | undefined): QuotedOffer {
  const { scheme, network, amount, asset, payTo } = offer
  const refusal = typeof verdict === 'string' && { refusal: verdict }
  return { scheme, network, amount, asset, payTo, ...refusal }
}
