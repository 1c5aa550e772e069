import type { Money } from '../../money'
import type { SolrouterKey } from './accounts'
import type { PricedCall } from './prices'

/** What can be chosen about Solrouter. */
export interface SolrouterOptions {
  /** API keys and what each starts with: `sk_solrouter_` and 20 characters or more. Default: none. */
  readonly keys?: Readonly<Record<string, SolrouterKey>>
  /** Price of calls, over the usual ones. */
  readonly prices?: Readonly<Partial<Record<PricedCall, Money>>>
  /** Version of x402 it speaks. Default 1. */
  readonly version?: 1 | 2
  /** Addresses of wallets that are not served: 451, and nothing is taken. Default: none. */
  readonly sanctioned?: readonly string[]
}
