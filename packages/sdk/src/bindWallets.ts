import type { ARouter, Books, LayerContext, WalletBinding, WalletLayers } from './ARouter'
import { type GatewayClock, gatewayClock } from './clock'
import { invalidOption } from './errors'
import { emitter, type Listener } from './events'
import { funds } from './interceptors/funds'
import { leave } from './interceptors/leave'
import { payment } from './interceptors/payment'
import { refill } from './interceptors/refill'
import { session } from './interceptors/session'
import { signInWithX } from './interceptors/signInWithX'
import { loadPart } from './loadPart'
import type { Engine, EngineParameters } from './payment/engine'
import type { Funds } from './payment/Funds'
import { type Policy, type PolicyOptions, readPolicy } from './payment/policy'
import type { Runtime } from './runtime'
import { createSession, type Session } from './session/Session'
import { createSessions } from './session/Sessions'
import type { MessageSigner } from './siwx/SignIn'
import { memoryStore } from './store/memory'
import { guarded, type Store } from './store/Store'
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
    /** Has the chain asked what the wallets hold: `chainFunds()` of `@arouter/sdk/funds`. Default: it is not. */
    readonly funds?: Funds
    /** Told of each sign-in and payment. */
    readonly events?: Listener
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
  const matches = ({ address }: Wallet) => address === auth?.address
  if (auth && !wallets.some(matches)) {
    throw invalidOption(
      'The signer that signs in has another address than the wallet that pays: it would reach another account than the payments do.',
    )
  }
  const signers = auth ? [auth, ...wallets.filter((wallet) => !matches(wallet))] : wallets
  const [first, ...others] = signers
  if (!first) throw invalidOption('A wallet client needs evm.signer, solana.signer, or both.')
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
  const { signIn = 'auto' } = options
  const store = guarded(options.store ?? processStore)
  const clock = gatewayClock(runtime)
  const policy = readPolicy(options, wallets, base.loopback)
  const sessionOf = (signer: MessageSigner) =>
    createLayerSession(context, clock, store, signer, options, [...policy.networks])
  const sessions = createSessions(sessionOf(first), ...others.map(sessionOf))
  const emit = emitter(options.events, context.listener)
  const sent = { count: 0 }
  let loading: Promise<Engine> | undefined
  const engine = () => {
    loading ??= loadEngine({
      base,
      runtime,
      clock,
      store,
      policy,
      funds: options.funds,
      wallets,
      sessions,
      signIn,
      sent,
      emit,
    }).catch((error) => {
      loading = undefined // The next call tries again.
      throw error
    })
    return loading
  }
  const books: Books = {
    payments: {
      list: async () => (await engine()).payments.list(),
      reconcile: async () => (await engine()).payments.reconcile(),
      writeOff: async (id) => (await engine()).payments.writeOff(id),
    },
    balances: async () => (await engine()).balances(),
    budget: { status: async () => (await engine()).budget.status() },
    credit: async () => (await engine()).credit(),
    dryRun: async (input, init) => (await engine()).dryRun(input, init),
  }
  // A person is not asked before the gateway asks: meeting its 402 finds what was bought as well.
  const asksAPerson = wallets.some(({ interactive }) => interactive)
  const signInFirst = async () => {
    if (!store.durable || asksAPerson) return !store.durable
    const paid = await (await engine()).lastPayer()
    if (paid !== undefined) sessions.activate(paid)
    return paid !== undefined
  }
  const ahead = () => prefetch(wallets, policy, runtime)
  const layer = { sessions, clock, signInFirst, signIn }
  return {
    interceptors: [
      funds,
      leave(runtime),
      session(layer),
      payment(engine, ahead, sent, clock),
      ...(policy.topUpBelow === undefined ? [] : [refill(engine, runtime, policy.topUpBelow)]),
    ],
    belowRetries: [signInWithX(layer)],
    books,
  }
}

async function loadEngine(parameters: EngineParameters): Promise<Engine> {
  const { createEngine } = await loadWalletWork()
  return createEngine(parameters)
}

/** Loads what a wallet does once the gateway asks for it. @throws ConnectionError. */
export function loadWalletWork() {
  return loadPart(() => import('./walletWork'))
}

// A 402 is likely: what a payment needs from the chain can be on its way before it comes.
function prefetch(wallets: readonly Wallet[], { rpc }: Policy, { fetch }: Runtime): void {
  for (const wallet of wallets) {
    for (const network of Object.keys(wallet.networks)) {
      const urls = rpc[network] ?? []
      if (urls.length > 0) wallet.prefetch?.(network, { rpc: urls, fetch })
    }
  }
}

/** The session of one signer, as a layer of a client. */
export function createLayerSession(
  { base, runtime, timeout, listener }: LayerContext,
  clock: GatewayClock,
  store: Store,
  signer: MessageSigner,
  options: SIWxOptions & Pick<WalletOptions, 'events'>,
  networks: readonly string[],
): Session {
  const emit = emitter(options.events, listener)
  return createSession({
    base,
    runtime,
    clock,
    store,
    signer,
    timeout,
    chainId: chainIdOf(signer.address, options, networks),
    statement: options.statement ?? STATEMENT,
    loadSignIn: loadWalletWork,
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
