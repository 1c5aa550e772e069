import type { GatewayClock } from '../clock'
import type { Send } from '../compose'
import type { ARouterEvent } from '../events'
import type { Base, Exchange, PaymentContext, RequestNeed } from '../exchange'
import type { Runtime } from '../runtime'
import type { Sessions } from '../session/Sessions'
import type { Store } from '../store/Store'
import type { Wallet } from '../wallet'
import type { Attempt } from './Attempt'
import type { Budget } from './budget'
import type { Funds } from './Funds'
import type { Journal } from './journal'
import type { PaymentFacts } from './PaymentFacts'
import type { Policy } from './policy'
import type { Offer } from './requirements'

/** A wallet as payer at one origin: its address and books. */
export type Account = {
  readonly wallet: Wallet
  readonly journal: Journal
  readonly budget: Budget
  /** How many payments are known to have been met here, and the client's last request before that. */
  readonly met: { payments: number; turn: number }
  /** The last attempt this client made, and its last request before that. */
  readonly made: { id: string; turn: number }
}

/** How many requests a client has sent. */
export type Turns = { count: number }

/** One request that is paid for by itself, and what becomes of the answer to it. */
export type Need = RequestNeed & {
  /**
   * The answer that `open` bought, where that is kept.
   * @throws ARouterError `idempotency_key_reused`; PaidButFailedError where it was not kept.
   */
  readonly answered: (open: Attempt) => Response | undefined
  /** What the journal notes of a payment for it by `offer`. */
  readonly note: (offer: Offer) => Pick<Attempt, 'resource' | 'request' | 'need' | 'signedOffer'>
  /**
   * A payment that has bought what its caller named, and whose answer was forgotten, since this was first
   * asked: a price that was asked for before that is no reason to buy it again.
   */
  readonly metBy: (payer: Payer) => Promise<string | undefined>
  /** The answer that a payment bought, and with its end the need met. */
  readonly hand: (payment: Omit<Payment, 'next'>, response: Response) => Promise<Response>
}

/** All that paying takes. One per wallet client, or per request where that is what is paid for. */
export type Payer = {
  readonly base: Base
  readonly runtime: Runtime
  readonly clock: GatewayClock
  readonly store: Store
  readonly policy: Policy
  /** Knows what the wallets hold, where it was named. */
  readonly funds?: Funds | undefined
  readonly accounts: readonly Account[]
  readonly sessions: Sessions
  /** What is paid for; undefined where that is credit. */
  readonly need?: Need | undefined
  /** Whether the gateway may be signed in to. */
  readonly signIn: 'auto' | 'never'
  /** This client's name in leases. */
  readonly worker: string
  readonly sent: Turns
  readonly emit: (event: ARouterEvent) => void
}

/** The wallet that paid here last, as far as the store tells: where there is credit, it is its. */
export async function lastPayer(accounts: readonly Account[]): Promise<Account | undefined> {
  let last: Account | undefined
  let latest = Number.NEGATIVE_INFINITY
  for (const account of accounts) {
    const at = await account.journal.lastPaid()
    if (at === undefined || at <= latest) continue
    last = account
    latest = at
  }
  return last
}

/** One payment in the making or in doubt. `attempt` holds the need. */
export type Payment = {
  readonly payer: Payer
  readonly account: Account
  readonly exchange: Exchange
  readonly next: Send
  readonly attempt: Attempt
}

/** Who can be asked about a network; nobody about one that this client does not pay on. */
export function rpcOf({ policy }: Payer, network: string): readonly string[] {
  return policy.rpc[network] ?? []
}

/** The public facts of an attempt, for events and errors. */
export function factsOf(attempt: Attempt): PaymentFacts {
  return {
    id: attempt.id,
    origin: attempt.origin,
    address: attempt.from,
    network: attempt.network,
    amount: BigInt(attempt.amount),
    payTo: attempt.payTo,
  }
}

/** The facts of an attempt as an error's context. */
export function contextOf(attempt: Attempt): PaymentContext {
  return {
    attempt: attempt.id,
    state: attempt.state,
    network: attempt.network,
    amount: attempt.amount,
    payTo: attempt.payTo,
    from: attempt.from,
    expiresAt: attempt.expiresAt,
    transaction: attempt.transaction,
    reason: attempt.reason,
  }
}
