import type { PaymentFacts } from './payment/PaymentFacts'

/** What a wallet client tells as it happens. Free of secrets; amounts are atomic units. */
export type ARouterEvent =
  | { readonly type: 'signed-in'; readonly origin: string; readonly address: string }
  | (PaymentFacts & { readonly type: 'payment-signed' })
  | (PaymentFacts & { readonly type: 'payment-settled'; readonly transaction: string })
  | (PaymentFacts & { readonly type: 'payment-unknown'; readonly reason: string })
  | (PaymentFacts & { readonly type: 'payment-refused'; readonly reason: string })
  | (PaymentFacts & { readonly type: 'payment-closed'; readonly state: string })

/** Tells `listener`; one that throws must not change what happens to money. */
export function emitter(listener: ((event: ARouterEvent) => void) | undefined) {
  return (event: ARouterEvent): void => {
    if (!listener) return
    try {
      listener(event)
    } catch (error) {
      // Reported where an uncaught listener error belongs, outside of this call.
      queueMicrotask(() => {
        if (typeof reportError === 'function') reportError(error)
      })
    }
  }
}
