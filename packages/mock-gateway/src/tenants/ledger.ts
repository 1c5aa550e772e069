/** One movement of credit. Amounts are atomic USDC units, always positive. */
export interface LedgerEntry {
  readonly id: string
  readonly tenant: string
  readonly type: 'credit' | 'usage'
  readonly amount: bigint
  readonly referenceType:
    | 'x402_topup'
    | 'stripe_topup'
    | 'helio_topup'
    | 'inference'
    | 'grant'
    | 'adjustment'
  /** The on-chain transaction, the request id, or who made the adjustment. */
  readonly reference: string
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}
