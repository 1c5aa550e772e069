import type { LedgerEntry, Tenant } from '@arouter/mock-gateway'
import type { Attempt } from '../../../packages/sdk/src/payment/Attempt'

/** A transfer of USDC, by the chain's word. Amounts are atomic units everywhere in the books. */
export type Transfer = {
  /** CAIP-2. */
  readonly network: string
  readonly transaction: string
  readonly from: string
  readonly to: string
  readonly amount: bigint
  /** What the payer signed can be known by: the EIP-3009 nonce, or the signatures of the transaction. */
  readonly marks: readonly string[]
}

/** USDC of one address on one network, and what it was when the books were opened. */
export type Holding = {
  readonly network: string
  readonly address: string
  readonly before: bigint
  readonly now: bigint
}

/** What the chains say. */
export type ChainBook = {
  /** Those since the books were opened. */
  readonly transfers: readonly Transfer[]
  readonly holdings: readonly Holding[]
}

/** A payment that the gateway put down. */
export type Takings = {
  readonly id: string
  readonly network: string
  readonly payer: string
  readonly amount: bigint
  readonly transaction: string
  /** The account, and what was put to its credit; undefined where single things are sold. */
  readonly credit?: { readonly tenant: string; readonly amount: bigint }
  /** The transaction that gave the money back. */
  readonly refund?: string | undefined
}

/** What the gateway says. */
export type GatewayBook = {
  /** The origins that wallets know it by. */
  readonly origins: readonly string[]
  /** Where its money goes, by network. */
  readonly payTo: Readonly<Record<string, string>>
  readonly takings: readonly Takings[]
  /** All that was ever settled for credit, and credited, as it counts. */
  readonly totals: { readonly settled: bigint; readonly credited: bigint }
  readonly ledger: readonly Pick<
    LedgerEntry,
    'tenant' | 'type' | 'amount' | 'referenceType' | 'reference'
  >[]
  readonly tenants: readonly Pick<Tenant, 'id' | 'balance'>[]
  /** The kinds of faults that struck. */
  readonly faults: readonly string[]
}

/** What one store of the clients says. */
export type StoreBook = {
  readonly attempts: readonly Attempt[]
  readonly budgets: readonly {
    readonly address: string
    /** By the payment's id. */
    readonly reserved: Readonly<Record<string, bigint>>
    readonly spent: bigint
  }[]
}

/** The three books of a run: each is kept by somebody else. */
export type Books = {
  readonly chain: ChainBook
  readonly gateways: readonly GatewayBook[]
  readonly stores: readonly StoreBook[]
}
