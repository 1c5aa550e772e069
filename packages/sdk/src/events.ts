import type { PaymentFacts } from './payment/PaymentFacts'

/**
 * What a wallet client tells as it happens. Free of secrets; amounts are atomic units of USDC. Of one
 * payment: signed, then settled, unknown or refused, perhaps more than once, and at its end closed.
 */
export type ARouterEvent =
  /** The wallet signed in: the gateway gave it a token. */
  | { readonly type: 'signed-in'; readonly origin: string; readonly address: string }
  /** A payment is signed and written down, and is about to be sent. */
  | (PaymentFacts & { readonly type: 'payment-signed' })
  /** It has moved the money. `transaction` is empty where the gateway did not name it. */
  | (PaymentFacts & { readonly type: 'payment-settled'; readonly transaction: string })
  /** No answer came that says what became of it. It is held, and nothing else is paid. */
  | (PaymentFacts & { readonly type: 'payment-unknown'; readonly reason: string })
  /** The gateway will not take it. It is held until it can no longer be used. */
  | (PaymentFacts & { readonly type: 'payment-refused'; readonly reason: string })
  /** It is decided, and the next need may be paid. `state` is its last one in the journal. */
  | (PaymentFacts & { readonly type: 'payment-closed'; readonly state: string })
  /** The answer reached the caller and the store would not take it: the payment is open, and recovered later. */
  | (PaymentFacts & { readonly type: 'payment-unbooked'; readonly reason: string })
  /** The receipt that a seller signed for it is not to be relied on: it is not kept. */
  | (PaymentFacts & { readonly type: 'receipt-unverified'; readonly reason: string })
  /** An offer that a wallet has not the money for; another one is paid. */
  | { readonly type: 'offer-passed-over'; readonly origin: string; readonly reason: string }
  /** Credit ran low and none could be bought ahead; a 402 will ask again. */
  | { readonly type: 'top-up-failed'; readonly origin: string; readonly reason: string }

/** Told of each event; what it returns or throws changes nothing. */
export type Listener = (event: ARouterEvent) => unknown

/** Tells `listeners`; one that fails must not change what happens to money. */
export function emitter(...listeners: readonly (Listener | undefined)[]) {
  return (event: ARouterEvent): void => {
    for (const listener of listeners) {
      // A promise, so that a listener that throws and one that rejects are the same.
      if (listener) new Promise((resolve) => resolve(listener(event))).catch(report)
    }
  }
}

// Where an error of a listener belongs, if there is such a place.
function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
}
