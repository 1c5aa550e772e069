import type { PaymentFacts } from './payment/PaymentFacts'

/** What a wallet client tells as it happens. Free of secrets; amounts are atomic units. */
export type ARouterEvent =
  | { readonly type: 'signed-in'; readonly origin: string; readonly address: string }
  | (PaymentFacts & { readonly type: 'payment-signed' })
  | (PaymentFacts & { readonly type: 'payment-settled'; readonly transaction: string })
  | (PaymentFacts & { readonly type: 'payment-unknown'; readonly reason: string })
  | (PaymentFacts & { readonly type: 'payment-refused'; readonly reason: string })
  | (PaymentFacts & { readonly type: 'payment-closed'; readonly state: string })
  /** The answer reached the caller and the store would not take it: the payment is open, and recovered later. */
  | (PaymentFacts & { readonly type: 'payment-unbooked'; readonly reason: string })
  /** Credit ran low and none could be bought ahead; a 402 will ask again. */
  | { readonly type: 'top-up-failed'; readonly origin: string; readonly reason: string }

/** Told of each event; what it returns or throws changes nothing. */
export type Listener = (event: ARouterEvent) => unknown

/** Tells `listener`; one that fails must not change what happens to money. */
export function emitter(listener: Listener | undefined) {
  return (event: ARouterEvent): void => {
    if (!listener) return
    // A promise, so that a listener that throws and one that rejects are the same.
    new Promise((resolve) => resolve(listener(event))).catch(report)
  }
}

// Where an error of a listener belongs, if there is such a place.
function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
}
