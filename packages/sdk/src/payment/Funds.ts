import type { PaymentRejectedError } from '../errors'
import type { Exchange } from '../exchange'
import type { ChooseParameters } from './choose'
import type { Account, Payer, Payment } from './Payer'

/** What a wallet holds on one network, or why that is not known: which is never the same as nothing. */
export type WalletBalance = {
  /** The wallet's. */
  readonly address: string
  /** CAIP-2. */
  readonly network: string
  /** USDC's contract or mint there. */
  readonly asset: string
} & (
  | {
      /** Atomic units of USDC. */
      readonly amount: bigint
    }
  | {
      readonly amount: undefined
      /** `no_rpc`: none is named, as by default for a gateway on this machine. `rpc_failed`: none gave an answer. */
      readonly unknown: 'no_rpc' | 'rpc_failed'
    }
)

/** Knows what wallets hold: `chainFunds()` of `@arouter/sdk/funds`. */
export type Funds = {
  /** What each wallet holds on each network that it may pay on. Never rejects. */
  readonly balances: (payer: Payer) => Promise<readonly WalletBalance[]>
  /**
   * A choice without the offers that no wallet has the money for.
   * @throws PaymentPolicyError `insufficient_funds` where that leaves none of those that may be paid.
   */
  readonly narrow: (
    payer: Payer,
    choice: ChooseParameters<Account>,
    exchange: Pick<Exchange, 'signal'>,
  ) => Promise<ChooseParameters<Account>>
  /** The error for a refused payment, with what the wallet lacks for it where it lacks something. */
  readonly explain: (
    error: PaymentRejectedError,
    payment: Omit<Payment, 'next'>,
  ) => Promise<PaymentRejectedError>
}
