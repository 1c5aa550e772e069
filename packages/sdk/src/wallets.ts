import type { SolanaSigner } from '@arouter/x402-solana'
import type { ARouter, WalletBinding } from './ARouter'
import {
  bindWallets,
  chainIdOf,
  createLayerSession,
  loadWalletWork,
  processStore,
  type SIWxOptions,
  STATEMENT,
  type WalletOptions,
} from './bindWallets'
import { gatewayClock } from './clock'
import { parseBase } from './exchange'
import { leave } from './interceptors/leave'
import { session } from './interceptors/session'
import { signInWithX } from './interceptors/signInWithX'
import { systemRuntime } from './runtime'
import { createSessions } from './session/Sessions'
import {
  type EvmSigner,
  evmWallet,
  messageSigner,
  solanaWallet,
  type WalletSigner,
} from './signers'
import type { SIWxAuthResult } from './siwx/SignIn'
import { guarded } from './store/Store'
import type { Wallet } from './wallet'

/** How a wallet that never pays signs in. */
export type SignInOptions = SIWxOptions & Pick<WalletOptions, 'store' | 'events'>

/** Both chains, and who signs in. */
export type DualOptions = WalletOptions & {
  readonly evm?: { readonly signer: EvmSigner }
  readonly solana?: { readonly signer: SolanaSigner; readonly rpcUrl?: string }
  /** Signs in before the first payment. Default: the EVM wallet; after one, the wallet that paid. */
  readonly authSigner?: WalletSigner
  readonly siwxOptions?: SIWxOptions
}

const TIMEOUT_MS = 60_000

/**
 * A client that signs in and pays with an EVM wallet: EIP-3009 transfers of USDC on Base.
 * @throws ARouterError `invalid_option`, `invalid_signer`.
 */
export function withX402EvmPayment(
  client: ARouter,
  signer: EvmSigner,
  options: WalletOptions = {},
): ARouter {
  return bindWallets(client, [evmWallet(signer)], undefined, options)
}

/**
 * A client that signs in and pays with a Solana wallet: SPL transfers of USDC. `walletSigner` signs
 * in where `signer` only signs transactions.
 * @throws ARouterError `invalid_option`, `invalid_signer`.
 */
export function withX402SolanaPayment(
  client: ARouter,
  signer: SolanaSigner,
  walletSigner?: WalletSigner,
  options: WalletOptions = {},
): ARouter {
  return bindWallets(client, [solanaWallet(signer)], walletSigner, options)
}

/**
 * A client that signs in and pays with an EVM wallet, a Solana wallet, or whichever of both the
 * smaller offer is for.
 * @throws ARouterError `invalid_option`, `invalid_signer`.
 */
export function withX402Payment(client: ARouter, options: DualOptions): ARouter {
  const { evm, solana, authSigner, siwxOptions, ...rest } = options
  const wallets = [
    ...(evm ? [evmWallet(evm.signer)] : []),
    ...(solana ? [solanaWallet(solana.signer)] : []),
  ]
  // One URL serves whichever of the two Solana networks is paid on.
  const named = solana?.rpcUrl ? rpcOf(wallets, 'solana', solana.rpcUrl) : {}
  const merged = { ...rest, ...siwxOptions, rpc: { ...named, ...rest.rpc } }
  return bindWallets(client, wallets, authSigner && messageSigner(authSigner), merged)
}

/** A wallet of either chain. */
export type X402Signer = EvmSigner | SolanaSigner

/** The options of {@link withX402}. */
export type X402Options = WalletOptions & {
  readonly signer: X402Signer
  /** Without effect: a call pays at most once. */
  readonly maxRetries?: number
}

/**
 * A client that signs in and pays with a wallet of either chain.
 * @deprecated Say which: {@link withX402EvmPayment}, {@link withX402SolanaPayment}.
 * @throws ARouterError `invalid_option`, `invalid_signer`.
 */
export function withX402(client: ARouter, { signer, ...options }: X402Options): ARouter {
  return isEvm(signer)
    ? withX402EvmPayment(client, signer, options)
    : withX402SolanaPayment(client, signer, undefined, options)
}

function isEvm(signer: X402Signer): signer is EvmSigner {
  if (typeof signer !== 'object') return false
  return 'signTypedData' in signer || ('address' in signer && /^0x/.test(String(signer.address)))
}

/**
 * A client that signs in with a wallet and never pays. Signs in once before it resolves, and again
 * when the token has expired.
 * @throws AuthenticationError, WalletRejectedError, ConnectionError, TimeoutError.
 */
export async function withSIWxAuth(
  client: ARouter,
  signer: WalletSigner,
  options?: SignInOptions,
): Promise<ARouter>
export async function withSIWxAuth(
  client: ARouter,
  signer: EvmSigner,
  options?: SignInOptions,
): Promise<ARouter>
export async function withSIWxAuth(
  client: ARouter,
  signer: WalletSigner | EvmSigner,
  options: SignInOptions = {},
): Promise<ARouter> {
  const auth = messageSigner(signer)
  const store = guarded(options.store ?? processStore)
  let first: Promise<unknown> | undefined
  const binding: WalletBinding = (context) => {
    const clock = gatewayClock(context.runtime)
    const one = createLayerSession(context, clock, store, auth, options, [])
    first ??= one.signIn(undefined)
    const sessions = createSessions(one)
    const layer = { sessions, clock, signInFirst: async () => true, signIn: 'auto' } as const
    const interceptors = [leave(context.runtime), session(layer)]
    return { interceptors, belowRetries: [signInWithX(layer)] }
  }
  const bound = client.cloneWith({ apiKey: '' }, binding)
  await first
  return bound
}

/**
 * Signs in with a wallet and resolves to the gateway's token, to be used as `apiKey`.
 * @throws AuthenticationError, WalletRejectedError, ConnectionError, TimeoutError, `invalid_url`.
 */
export async function authenticateWithSIWx(
  baseURL: string,
  signer: WalletSigner,
  options?: SIWxOptions,
): Promise<SIWxAuthResult>
export async function authenticateWithSIWx(
  baseURL: string,
  signer: EvmSigner,
  options?: SIWxOptions,
): Promise<SIWxAuthResult>
export async function authenticateWithSIWx(
  baseURL: string,
  signer: WalletSigner | EvmSigner,
  options: SIWxOptions = {},
): Promise<SIWxAuthResult> {
  const base = parseBase(baseURL)
  const runtime = systemRuntime((input, init) => globalThis.fetch(input, init))
  const auth = messageSigner(signer)
  const { authenticate } = await loadWalletWork()
  return authenticate(
    {
      base,
      runtime,
      clock: gatewayClock(runtime),
      signer: auth,
      chainId: chainIdOf(auth.address, options, []),
      statement: options.statement ?? STATEMENT,
      timeout: TIMEOUT_MS,
    },
    null,
    undefined,
  )
}

/** `url` for each network of `namespace` that `wallets` pay on. */
export function rpcOf(
  wallets: readonly Wallet[],
  namespace: string,
  url: string,
): Record<string, string> {
  const networks = wallets.flatMap((wallet) => Object.keys(wallet.networks))
  return Object.fromEntries(
    networks
      .filter((network) => network.startsWith(`${namespace}:`))
      .map((network) => [network, url]),
  )
}
