import type { MessagePartialSigner, TransactionPartialSigner } from '@solana/kit'
import type { LocalAccount } from 'viem'

/** What a payer is: a `fetch` that pays. */
export type Fetch = typeof globalThis.fetch

/** The wallets a payer is given. What they sign is recorded. */
export interface Wallets {
  /** A viem account. */
  readonly evm: LocalAccount
  /** A `@solana/kit` signer of transactions and messages. */
  readonly solana: TransactionPartialSigner & MessagePartialSigner
}

/**
 * Makes a `fetch` that pays at `baseURL` with the wallets. It is called once for each scenario and
 * must share nothing between calls. Its user means: USDC on Base or Solana mainnet, at most $0.10 a
 * payment and $1 in all. A payer without Solana leaves that wallet alone.
 */
export type PayerFactory = (baseURL: string, wallets: Wallets) => Fetch | Promise<Fetch>
