import type { Chain } from './chain/Chain'
import type { ContractWallet, WalletFactory } from './chain/ContractWallet'
import type { GatewayClock } from './clock'
import type { OpenDialect } from './dialects/Dialect'
import type { SaleRecord, Sales } from './dialects/sales'
import type { Challenge } from './dialects/types'
import type { Fault } from './faults/faults'
import type { FaultKind } from './faults/kinds'
import { GatewayConfigError } from './GatewayConfigError'
import { createHistory } from './history'
import type { LocalTransfer } from './local/LocalNode'
import type { Money } from './money'
import { toUnits } from './money'
import type { NetworkId } from './networks'
import type { Cashier, PaymentRecord } from './payments/cashier'
import type { SignInDesk } from './siwx/checkSignIn'
import type { Keys } from './tenants/keys'
import type { LedgerEntry } from './tenants/ledger'
import type { Conservation, Tenant, Tenants } from './tenants/tenants'
import type { Tokens } from './tenants/tokens'
import type { Generations } from './usage/generations'

/** Where a credential was carried. */
export type CredentialPlace =
  | 'authorization'
  | 'x-api-key'
  | 'x-goog-api-key'
  | 'key'
  | 'payment-signature'
  | 'x-payment'
  | 'sign-in-with-x'

/** A request the gateway has seen. Chain RPC calls are counted, not listed. */
export interface RequestRecord {
  readonly id: string
  readonly method: string
  readonly host: string
  readonly path: string
  /** HTTP status; or how it was left: `open` while it is being answered. */
  readonly status: number | 'open' | 'reset' | 'silence'
  /** The credentials it carried: the first 12 hex digits of each one's SHA-256. */
  readonly credentials: Readonly<Partial<Record<CredentialPlace, string>>>
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** A request while it is being answered. */
export type OpenRequest = Omit<RequestRecord, 'status'> & { status: RequestRecord['status'] }

/** A wallet that signed in. */
export interface SignInRecord {
  readonly address: string
  readonly tenant: string
  /** `endpoint` for `POST /v1/x402/auth`, `request` for a proof on a request of another kind. */
  readonly by: 'endpoint' | 'request'
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** A fault that struck, and the path it struck on. */
export interface FaultRecord {
  readonly kind: FaultKind
  readonly path: string
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** Totals at one instant. Money in atomic USDC units. */
export interface Counts {
  readonly requests: number
  readonly payments: number
  readonly sales: number
  readonly replays: number
  readonly signIns: number
  readonly settled: bigint
  readonly credited: bigint
  readonly charged: bigint
  readonly streamsAborted: number
  readonly faults: number
  readonly rpc: Readonly<Record<string, number>>
}

/** Names that RPC calls are counted under; more of them are one. */
const MOST_METHODS = 100

/**
 * What the gateway has seen and holds, and the levers to change it. Lists hold the latest (see the option
 * `history`), oldest first; totals, balances and books count everything.
 */
export interface GatewayState {
  readonly requests: readonly RequestRecord[]
  /** Payments for credit. */
  readonly payments: readonly PaymentRecord[]
  /** Payments for single things, at the systems that sell those. */
  readonly sales: readonly SaleRecord[]
  /** Offers to single buyers, at the systems that keep a book of them, each with its log. */
  readonly challenges: readonly Challenge[]
  readonly signIns: readonly SignInRecord[]
  readonly tenants: readonly Tenant[]
  readonly ledger: readonly LedgerEntry[]
  readonly faults: readonly FaultRecord[]
  counts(): Counts
  /** Each tenant's books: credits less usage must be the balance. */
  conservation(): readonly Conservation[]
  /** Forgets everything, chains included; faults to come and tokens stay. */
  reset(): Promise<void>
  /** All wallet tokens issued so far answer 401 from now on. */
  expireTokens(): void
  /** Makes a wallet's credit this much, by an adjustment in the ledger. */
  setCredit(address: string, amount: Money): void
  /**
   * Adds credit bought another way to an account: a wallet's address, a tenant's id, or the account of
   * an API key.
   */
  topUp(account: string, amount: Money, by: 'stripe' | 'helio'): void
  /** Makes a wallet's USDC on one network this much. */
  setBalance(network: NetworkId, address: string, amount: Money): Promise<void>
  /** USDC of an address on one network, in atomic units. */
  balanceOf(network: NetworkId, address: string): Promise<bigint>
  /** Transfers of USDC that landed on one network, oldest first. */
  transfers(network: NetworkId): Promise<readonly LocalTransfer[]>
  /** Puts a contract wallet (EIP-1271) on an EVM network. */
  deployWallet(network: NetworkId, address: string, wallet: ContractWallet): void
  /** Puts a factory of contract wallets (ERC-6492) on an EVM network; the facilitator trusts it. */
  deployFactory(network: NetworkId, address: string, factory: WalletFactory): void
  /** Moves time (gateway and chains) and adds blocks; held settlements land. */
  advance(by: { readonly milliseconds?: number; readonly blocks?: number }): Promise<void>
}

/** The side of {@link GatewayState} that the gateway writes to. */
export interface Journal {
  requestOpened(record: OpenRequest): void
  requestClosed(record: OpenRequest, status: RequestRecord['status']): void
  signedIn(address: string, tenant: Tenant, by: SignInRecord['by']): void
  faultStruck(fault: Fault, path: string): void
  streamAborted(): void
  rpcCalled(method: string): void
}

/** State that reads the gateway's parts, and the journal that feeds it. */
export function createState(parts: {
  readonly chains: readonly Chain[]
  readonly clock: GatewayClock
  readonly tenants: Tenants
  readonly keys: Keys
  readonly generations: Generations
  readonly tokens: Tokens
  readonly cashier: Cashier
  readonly sales: Sales
  readonly desk: SignInDesk
  /** How many requests, sign-ins and faults are kept. */
  readonly history: number
  readonly dialects: ReadonlyMap<string, OpenDialect>
}): { readonly state: GatewayState; readonly journal: Journal } {
  const { chains, clock, tenants, keys, generations, tokens, cashier, sales, desk, history } = parts
  const { dialects } = parts
  const requests = createHistory<OpenRequest>(history)
  const signIns = createHistory<SignInRecord>(history)
  const faults = createHistory<FaultRecord>(history)
  const rpc = new Map<string, number>()
  let streamsAborted = 0

  const chainOf = (network: NetworkId): Chain => {
    const chain = chains.find((candidate) => candidate.network.id === network)
    if (!chain) throw new GatewayConfigError(`the gateway does not accept ${network}`)
    return chain
  }

  const state: GatewayState = {
    get requests() {
      return requests.items().map((record) => ({ ...record }))
    },
    get payments() {
      return cashier.payments()
    },
    get sales() {
      return sales.list()
    },
    get challenges() {
      return [...dialects.values()].flatMap((dialect) => dialect.challenges?.() ?? [])
    },
    get signIns() {
      return signIns.items()
    },
    get tenants() {
      cashier.collectLate()
      return tenants.list()
    },
    get ledger() {
      cashier.collectLate()
      return tenants.ledger()
    },
    get faults() {
      return faults.items()
    },
    counts: () => {
      cashier.collectLate()
      return {
        requests: requests.total(),
        ...cashier.totals(),
        sales: sales.total(),
        signIns: signIns.total(),
        charged: tenants.charged(),
        streamsAborted,
        faults: faults.total(),
        rpc: Object.fromEntries(rpc),
      }
    },
    conservation: () => {
      cashier.collectLate()
      return tenants.conservation()
    },
    reset: async () => {
      requests.clear()
      signIns.clear()
      faults.clear()
      rpc.clear()
      streamsAborted = 0
      tenants.reset()
      generations.reset()
      keys.reset()
      cashier.reset()
      sales.reset()
      for (const dialect of dialects.values()) dialect.reset?.()
      desk.reset()
      await Promise.all(chains.map((chain) => chain.reset()))
    },
    expireTokens: tokens.expireAll,
    setCredit: (address, amount) => {
      const tenant = tenants.ofWallet(address)
      const change = toUnits(amount, 'credit') - tenant.balance
      if (change === 0n) return
      tenants.post(tenant, {
        type: change > 0n ? 'credit' : 'usage',
        amount: change > 0n ? change : -change,
        referenceType: 'adjustment',
        reference: 'setCredit',
      })
    },
    topUp: (account, amount, by) => {
      const subject = account.startsWith('0x') ? tenants.ofWallet(account).subject : account
      const tenant = tenants.list().find((one) => one.id === subject || one.subject === subject)
      if (!tenant) throw new GatewayConfigError(`there is no account '${account}'`)
      tenants.post(tenant, {
        type: 'credit',
        amount: toUnits(amount, 'top-up'),
        referenceType: `${by}_topup`,
        reference: `${by}_${crypto.randomUUID()}`,
      })
    },
    setBalance: (network, address, amount) =>
      chainOf(network).setBalance(address, toUnits(amount, 'balance')),
    balanceOf: (network, address) => chainOf(network).balanceOf(address),
    transfers: (network) => chainOf(network).transfers(),
    deployWallet: (network, address, wallet) => chainOf(network).deployWallet(address, wallet),
    deployFactory: (network, address, factory) => chainOf(network).deployFactory(address, factory),
    advance: async ({ milliseconds = 0, blocks = 0 }) => {
      clock.advance(milliseconds)
      await Promise.all(chains.map((chain) => chain.advance(blocks)))
      cashier.collectLate()
      await Promise.all([...dialects.values()].map((dialect) => dialect.advanced?.()))
    },
  }

  const journal: Journal = {
    requestOpened: requests.add,
    requestClosed: (record, status) => {
      record.status = status
    },
    signedIn: (address, tenant, by) =>
      signIns.add({ address, tenant: tenant.id, by, at: clock.now() }),
    faultStruck: ({ kind }, path) => faults.add({ kind, path, at: clock.now() }),
    streamAborted: () => {
      streamsAborted += 1
    },
    rpcCalled: (method) => {
      const name = rpc.has(method) || rpc.size < MOST_METHODS ? method : 'other'
      rpc.set(name, (rpc.get(name) ?? 0) + 1)
    },
  }
  return { state, journal }
}
