import { hash } from 'node:crypto'
import { GatewayConfigError } from '../../GatewayConfigError'
import { type Money, toUnits } from '../../money'

/** What an API key starts with. */
export interface SolrouterKey {
  /** USDC that calls are debited from. Default `$0`. */
  readonly balance?: Money
  /** Messages that cost nothing. Default 5. */
  readonly freeMessages?: number
}

/** The account of an API key. */
export interface Account {
  readonly hash: string
  /** Atomic USDC units. */
  balance: bigint
  freeMessages: number
  /** What it subscribed to. */
  plan: string | undefined
  calls: number
  /** Atomic USDC units. */
  spent: bigint
}

/** Where a call was paid from. */
export type Source = 'plan' | 'free' | 'balance'

/** The accounts of API keys. */
export interface Accounts {
  find(secret: string): Account | undefined
  /** Takes a message from the plan, the trial or the balance, in this order; undefined where there is none. */
  takeMessage(account: Account, price: bigint): Source | undefined
  /** Takes a price from the balance. */
  debit(account: Account, price: bigint): 'debited' | 'insufficient'
  reset(): void
  save(): readonly Account[]
  load(saved: readonly Account[]): void
}

const FORM = /^sk_solrouter_\S{20,}$/

/** The accounts of the keys given. Throws GatewayConfigError for a key of another form, without repeating it. */
export function createAccounts(keys: Readonly<Record<string, SolrouterKey>>): Accounts {
  const accounts = new Map<string, Account>()
  const reset = () => {
    accounts.clear()
    for (const [secret, { balance = '$0', freeMessages = 5 }] of Object.entries(keys)) {
      if (!FORM.test(secret)) {
        throw new GatewayConfigError(
          'solrouter.keys must start with sk_solrouter_ and have 33 characters or more',
        )
      }
      if (!Number.isInteger(freeMessages) || freeMessages < 0) {
        throw new GatewayConfigError('solrouter.keys.freeMessages must be a whole number')
      }
      const account = {
        hash: hashOf(secret),
        balance: toUnits(balance, 'solrouter.keys.balance'),
        freeMessages,
        plan: undefined,
        calls: 0,
        spent: 0n,
      }
      accounts.set(account.hash, account)
    }
  }
  const debit = (account: Account, price: bigint) => {
    if (account.balance < price) return 'insufficient'
    account.balance -= price
    account.spent += price
    account.calls += 1
    return 'debited'
  }
  reset()
  return {
    find: (secret) => accounts.get(hashOf(secret)),
    takeMessage: (account, price) => {
      if (account.plan === undefined && account.freeMessages === 0) {
        return debit(account, price) === 'debited' ? 'balance' : undefined
      }
      account.calls += 1
      if (account.plan !== undefined) return 'plan'
      account.freeMessages -= 1
      return 'free'
    },
    debit,
    reset,
    save: () => [...accounts.values()],
    load: (saved) => {
      for (const account of saved) {
        if (accounts.has(account.hash)) accounts.set(account.hash, { ...account })
      }
    },
  }
}

function hashOf(secret: string): string {
  return hash('sha256', secret)
}
