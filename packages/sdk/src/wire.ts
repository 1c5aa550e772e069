/** What `PAYMENT-REQUIRED` is the base64 of (x402 v2, HTTP transport). Nothing in it is checked. */
export type PaymentRequired = {
  readonly x402Version: number
  readonly error?: string
  readonly resource?: {
    readonly url: string
    readonly description?: string
    readonly mimeType?: string
  }
  readonly accepts: readonly {
    readonly scheme: string
    /** CAIP-2. */
    readonly network: string
    /** Atomic units of `asset`. */
    readonly amount: string
    readonly asset: string
    readonly payTo: string
    readonly maxTimeoutSeconds: number
    readonly extra?: Readonly<Record<string, unknown>>
  }[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The body of a refusal: the documented one, or the flat one of old. */
export type ARouterErrorBody =
  | { readonly error: { readonly message: string; readonly type: string; readonly code?: string } }
  | { readonly code: string; readonly message: string; readonly details?: unknown }
