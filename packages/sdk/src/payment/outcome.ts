import { type ARouterError, isARouterError } from '../errors'

/** How a leader's work ended, as far as it concerns those who waited for it. */
export type Outcome =
  | { readonly kind: 'met' }
  /** It was paid, and the leader got no answer: the token that was bought may still serve others. */
  | { readonly kind: 'paid'; readonly error: ARouterError }
  /** A fact about the need: true for everyone. */
  | { readonly kind: 'concluded'; readonly error: ARouterError }
  /** A matter of the leader's own call or terms: everyone else goes on with their own. */
  | { readonly kind: 'gone' }

/** Errors that are facts about the need. Any other failure is the leader's own. */
const CONCLUSIONS = new Set([
  'payment_unconfirmed',
  'payment_rejected',
  'insufficient_funds',
  'budget_exceeded',
  'approval_denied',
  'pay_to_changed',
  'wallet_rejected',
  'wallet_failed',
  'store_failed',
  'store_unreadable',
])

/** What a leader's failure means to those who waited for it. */
export function outcomeOf(error: unknown): Outcome {
  if (!isARouterError(error)) return { kind: 'gone' }
  if (error.code === 'paid_but_failed') return { kind: 'paid', error }
  return CONCLUSIONS.has(error.code) ? { kind: 'concluded', error } : { kind: 'gone' }
}
