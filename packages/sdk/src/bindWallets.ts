import type { ARouter, Books, LayerContext, WalletBinding, WalletLayers } from './ARouter'
import { type GatewayClock, gatewayClock } from './clock'
import { ARouterError } from './errors'
import { type ARouterEvent, emitter } from './events'
import { payment } from './interceptors/payment'
import { session } from './interceptors/session'
import { createBudget } from './payment/budget'
import { createJournal } from './payment/journal'
import type { Account, Payer } from './payment/Payer'
import { createPayments } from './payment/Payments'
import { type PolicyOptions, readPolicy, sameAddress } from './payment/policy'
import { createSession, type Session } from './session/Session'
import { createSessions } from './session/Sessions'
import { type MessageSigner, randomHex } from './siwx/authenticate'
import { memoryStore } from './store/memory'
import type { Store } from './store/Store'
import type { Wallet } from './wallet'

/** How a wallet signs in. */
export type SIWxOptions = {
  /** `Chain ID` of the message: a CAIP-2 reference or id. Default: the network paid on. */
  readonly chainId?: string | number
  /** One line of printable ASCII that the wallet shows. */
  readonly statement?: string
}

/** How a wallet signs in and pays. Each option has a default. */
export type WalletOptions = PolicyOptions &
  SIWxOptions & {
    /** Where sessions, journal and budget live. Default: this process's memory, shared by its clients. */
    readonly store?: Store
    /** Default `auto`: sign in when that can save a payment or renew a token. */
    readonly signIn?: 'auto' | 'never'
    /** Told of each sign-in and payment. */
    readonly events?: (event: ARouterEvent) => void
  }

export const STATEMENT = 'Sign in to ARouter with your wallet'

/** One for the process: two clients of one wallet must not each buy credit. */
export const processStore = /* @__PURE__ */ memoryStore()

/** Binds `wallets` to a client; `auth` signs in for the one of them whose address it has. */
export function bindWallets(
  client: ARouter,
  wallets: readonly Wallet[],
  auth: MessageSigner | undefined,
  options: WalletOptions,
): ARouter {
  const matches = (wallet: Wallet) =>
    sameAddress(wallet.address) === sameAddress(auth?.address ?? '')
  if (auth && !wallets.some(matches)) {
    throw invalid(
      'The signer that signs in has another address than the wallet that pays: it would reach another account than the payments do.',
    )
  }
  const signers = auth ? [auth, ...wallets.filter((wallet) => !matches(wallet))] : wallets
  const [first, ...others] = signers
  if (!first) throw invalid('A wallet client needs evm.signer, solana.signer, or both.')
  const binding: WalletBinding = (context) =>
    createLayers(context, wallets, [first, ...others], options)
  return client.cloneWith({}, binding)
}

/** The layers of `wallets` for one client, `signers` in the order of whose session comes first. */
export function createLayers(
  context: LayerContext,
  wallets: readonly Wallet[],
  [first, ...others]: readonly [MessageSigner, ...MessageSigner[]],
  options: WalletOptions,
): WalletLayers {
  const { base, runtime } = context
  const { store = processStore, signIn = 'auto' } = options
  const clock = gatewayClock(runtime)
  const policy = readPolicy(options, wallets, base.loopback)
  const accounts: Account[] = wallets.map((wallet) => ({
    wallet,
    journal: createJournal(store, base.origin, wallet.address, runtime.now),
    budget: createBudget(store, wallet.address, policy, runtime.now),
  }))
  const sessionOf = (signer: MessageSigner) =>
    createLayerSession(context, clock, store, signer, options, [...policy.networks])
  const sessions = createSessions(sessionOf(first), ...others.map(sessionOf))
  const payer: Payer = {
    base,
    runtime,
    clock,
    store,
    policy,
    accounts,
    sessions,
    signIn,
    worker: randomHex(8),
    emit: emitter(options.events),
  }
  const signInFirst = async () => {
    if (!store.durable) return true
    const traces = await Promise.all(accounts.map(({ journal }) => journal.hasTrace()))
    return traces.includes(true)
  }
  const books: Books = {
    payments: createPayments(payer),
    budget: { status: () => Promise.all(accounts.map(({ budget }) => budget.status())) },
  }
  return {
    interceptors: [session({ sessions, clock, signInFirst, signIn }), payment(payer)],
    books,
  }
}

/** The session of one signer, as a layer of a client. */
export function createLayerSession(
  { base, runtime, timeout }: LayerContext,
  clock: GatewayClock,
  store: Store,
  signer: MessageSigner,
  options: SIWxOptions & Pick<WalletOptions, 'events'>,
  networks: readonly string[],
): Session {
  const emit = emitter(options.events)
  return createSession({
    base,
    runtime,
    clock,
    store,
    signer,
    timeout,
    chainId: chainIdOf(signer.address, options, networks),
    statement: options.statement ?? STATEMENT,
    onSignedIn: () => emit({ type: 'signed-in', origin: base.origin, address: signer.address }),
  })
}

const MAINNETS = {
  eip155: 'eip155:8453',
  solana: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
} as const

/** The `Chain ID` line for an address: the CAIP-2 reference named, or that of a network paid on. */
export function chainIdOf(
  address: string,
  { chainId }: SIWxOptions,
  networks: readonly string[],
): string {
  const namespace = address.startsWith('0x') ? 'eip155' : 'solana'
  const named = String(chainId ?? '')
    .split(':')
    .at(-1)
  const isEvmId = /^\d+$/.test(named ?? '')
  if (named && isEvmId === (namespace === 'eip155')) return named
  const network = networks.find((id) => id.startsWith(`${namespace}:`)) ?? MAINNETS[namespace]
  return network.slice(namespace.length + 1)
}

function invalid(message: string): ARouterError {
  return new ARouterError(0, 'invalid_option', message)
}
