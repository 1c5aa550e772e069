/** The public facts of a payment. */
export type PaymentFacts = {
  /** Its id in the journal. */
  readonly id: string
  readonly origin: string
  /** The paying wallet. */
  readonly address: string
  /** CAIP-2. */
  readonly network: string
  /** Atomic units of USDC. */
  readonly amount: bigint
  readonly payTo: string
}
