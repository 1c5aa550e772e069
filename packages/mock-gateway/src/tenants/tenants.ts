import { addressKey } from '../addressKey'
import type { GatewayClock } from '../clock'
import { createHistory, type SavedHistory } from '../history'
import type { LedgerEntry } from './ledger'

/** An account: one per wallet, or that of one or more API keys. */
export interface Tenant {
  readonly id: string
  readonly keyId: string
  /** Wallet address as first seen, or the account of an API key such as `api-key-1`. */
  readonly subject: string
  readonly kind: 'wallet' | 'api-key'
  /** Credit left in atomic USDC units; below zero when the last answer cost more than was left. */
  readonly balance: bigint
}

/** Books of one tenant: what its ledger adds up to beside the balance that is kept. */
export interface Conservation {
  readonly tenant: string
  readonly credits: bigint
  readonly usage: bigint
  readonly balance: bigint
  readonly holds: boolean
}

/** All tenants and their ledger. */
export interface Tenants {
  ofWallet(address: string): Tenant
  findWallet(address: string): Tenant | undefined
  open(kind: Tenant['kind'], subject: string): Tenant
  byId(id: string): Tenant | undefined
  post(
    tenant: Tenant,
    entry: Pick<LedgerEntry, 'type' | 'amount' | 'referenceType' | 'reference'>,
  ): void
  list(): readonly Tenant[]
  /** The latest entries, oldest first. */
  ledger(): readonly LedgerEntry[]
  /** All that was ever credited to a tenant. */
  bought(id: string): bigint
  /** All that was ever charged for answers. */
  charged(): bigint
  conservation(): readonly Conservation[]
  reset(): void
  save(): SavedTenants
  load(saved: SavedTenants): void
}

/** Accounts and ledger as they are kept in a file. */
export interface SavedTenants {
  readonly accounts: readonly Tenant[]
  readonly entries: SavedHistory<LedgerEntry>
  readonly carried: readonly Posted[]
  readonly opened: number
}

/** What one entry moved, or what all that were forgotten of its kind moved together. */
type Posted = Pick<LedgerEntry, 'tenant' | 'type' | 'referenceType' | 'amount'>

type Account = { -readonly [K in keyof Tenant]: Tenant[K] }

/** Books without any tenant, which keep the last `limit` entries and the sums of those before. */
export function createTenants(clock: GatewayClock, limit: number): Tenants {
  const accounts = new Map<string, Account>()
  const wallets = new Map<string, Account>()
  const carried = new Map<string, Posted>()
  const carry = ({ tenant, type, referenceType, amount }: Posted) => {
    const kind = `${tenant} ${type} ${referenceType}`
    const sum = (carried.get(kind)?.amount ?? 0n) + amount
    carried.set(kind, { tenant, type, referenceType, amount: sum })
  }
  const entries = createHistory<LedgerEntry>(limit, carry)
  let opened = 0

  const open = (kind: Tenant['kind'], subject: string): Account => {
    // Never starts over: a token from before a reset must not name somebody else's tenant.
    opened += 1
    const account: Account = {
      id: `tenant_${opened}`,
      keyId: `key_${opened}`,
      subject,
      kind,
      balance: 0n,
    }
    accounts.set(account.id, account)
    return account
  }
  const post: Tenants['post'] = (tenant, entry) => {
    const account = accounts.get(tenant.id)
    if (!account) return
    entries.add({
      id: `entry_${entries.total() + 1}`,
      tenant: account.id,
      at: clock.now(),
      ...entry,
    })
    account.balance += entry.type === 'credit' ? entry.amount : -entry.amount
  }
  const reset = () => {
    accounts.clear()
    wallets.clear()
    carried.clear()
    entries.clear()
  }
  const sum = (isMeant: (posted: Posted) => boolean) => {
    let total = 0n
    for (const posted of carried.values()) if (isMeant(posted)) total += posted.amount
    for (const entry of entries.items()) if (isMeant(entry)) total += entry.amount
    return total
  }
  const sumOf = (id: string, wanted: LedgerEntry['type']) =>
    sum(({ tenant, type }) => tenant === id && type === wanted)

  return {
    ofWallet: (address) => {
      const existing = wallets.get(addressKey(address))
      if (existing) return existing
      const account = open('wallet', address)
      wallets.set(addressKey(address), account)
      return account
    },
    findWallet: (address) => wallets.get(addressKey(address)),
    open,
    byId: (id) => accounts.get(id),
    post,
    list: () => [...accounts.values()].map((account) => ({ ...account })),
    ledger: entries.items,
    bought: (id) => sumOf(id, 'credit'),
    charged: () =>
      sum(({ type, referenceType }) => type === 'usage' && referenceType !== 'adjustment'),
    conservation: () =>
      [...accounts.values()].map(({ id, balance }) => {
        const credits = sumOf(id, 'credit')
        const usage = sumOf(id, 'usage')
        return { tenant: id, credits, usage, balance, holds: credits - usage === balance }
      }),
    reset,
    save: () => ({
      accounts: [...accounts.values()],
      entries: entries.save(),
      carried: [...carried.values()],
      opened,
    }),
    load: (saved) => {
      reset()
      opened = saved.opened
      for (const posted of saved.carried) carry(posted)
      entries.load(saved.entries)
      for (const tenant of saved.accounts) {
        const account = { ...tenant }
        accounts.set(account.id, account)
        if (account.kind === 'wallet') wallets.set(addressKey(account.subject), account)
      }
    },
  }
}
