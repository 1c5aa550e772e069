import { toBase64 } from '../http/base64'
import type { ChallengeForm } from '../options'
import { type StatedTerms, termsV1, termsV2 } from './statedTerms'

/** What a 402 says. */
export interface Challenge {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A 402 in one of its forms; `body` is what it says where the terms stand in the header. */
export function buildChallenge(form: ChallengeForm, parts: StatedTerms, body: string): Challenge {
  const terms = JSON.stringify(termsV2(parts))
  switch (form) {
    case 'header':
      return { headers: { 'PAYMENT-REQUIRED': toBase64(terms) }, body }
    case 'base64url': {
      const encoded = Buffer.from(terms, 'utf8').toString('base64url')
      return { headers: { 'PAYMENT-REQUIRED': encoded }, body }
    }
    case 'body':
      return { headers: {}, body: terms }
    case 'v1':
      return { headers: {}, body: JSON.stringify(termsV1(parts)) }
    case 'none':
      return { headers: {}, body }
  }
}
