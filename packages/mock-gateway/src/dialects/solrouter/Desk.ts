import type { Exchange } from '../../Exchange'
import type { JsonObject } from '../../http/jsonObject'
import type { Origin } from '../../origin'
import type { Offer, Till } from '../till'
import type { Account, Accounts } from './accounts'
import type { Priced, PricedCall } from './prices'

/** What the routes of Solrouter work with. */
export interface Desk {
  readonly route: Origin['route']
  readonly till: Till
  readonly accounts: Accounts
  readonly calls: Readonly<Record<PricedCall, Priced>>
  /** The account of a request's API key, or undefined without one. Throws 401 for a key that is not known. */
  accountOf(exchange: Exchange): Account | undefined
  /** The same, where there is no other way in. */
  memberOf(exchange: Exchange): Account
  /** What a call costs whoever has no key. */
  offerOf(exchange: Exchange, call: Priced): Offer
  /** Throws 451 for a wallet that is not served. */
  assertServed(wallet: string): void
  /** A JSON answer, unless a fault spoils it. */
  answer(exchange: Exchange, body: JsonObject): Response
}
