import type { PaymentRequirements } from '@x402/core/types'
import { toBase64 } from '../http/base64'
import { errorBody } from '../http/errorResponse'
import { networkOf } from '../networks'
import type { ChallengeForm } from '../options'
import type { SignInOffer } from '../siwx/checkSignIn'

/** What a 402 says. */
export interface Challenge {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a 402 is made of. `reason` goes into the terms and the error body. */
export interface ChallengeParts {
  readonly offers: readonly PaymentRequirements[]
  readonly url: string
  readonly reason: string
  /** Offered along in x402 v2. */
  readonly signIn?: SignInOffer | undefined
}

/** A 402 in one of its forms. */
export function buildChallenge(
  form: ChallengeForm,
  { offers, url, reason, signIn }: ChallengeParts,
): Challenge {
  const error = errorBody('payment_required', reason)
  const resource = { url, description: 'ARouter credit', mimeType: 'application/json' }
  const extensions = signIn && { 'sign-in-with-x': signIn }
  const terms = JSON.stringify({
    x402Version: 2,
    error: reason,
    resource,
    accepts: offers,
    extensions,
  })
  switch (form) {
    case 'header':
      return { headers: { 'PAYMENT-REQUIRED': toBase64(terms) }, body: error }
    case 'base64url': {
      const encoded = Buffer.from(terms, 'utf8').toString('base64url')
      return { headers: { 'PAYMENT-REQUIRED': encoded }, body: error }
    }
    case 'body':
      return { headers: {}, body: terms }
    case 'v1':
      return { headers: {}, body: JSON.stringify(version1(offers, resource, reason)) }
    case 'none':
      return { headers: {}, body: error }
  }
}

function version1(
  offers: readonly PaymentRequirements[],
  resource: { url: string; description: string; mimeType: string },
  error: string,
): unknown {
  return {
    x402Version: 1,
    error,
    accepts: offers.map((offer) => ({
      scheme: offer.scheme,
      network: networkOf(offer.network).v1Name,
      maxAmountRequired: offer.amount,
      resource: resource.url,
      description: resource.description,
      mimeType: resource.mimeType,
      outputSchema: {},
      payTo: offer.payTo,
      maxTimeoutSeconds: offer.maxTimeoutSeconds,
      asset: offer.asset,
      extra: offer.extra,
    })),
  }
}
