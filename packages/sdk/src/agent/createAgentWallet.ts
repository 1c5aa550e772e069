import type { SolanaSigner } from '@arouter/x402-solana'
import type { ARouter } from '../ARouter'
import { processStore, type WalletOptions } from '../bindWallets'
import { invalidOption } from '../errors'
import { type Base, parseBase } from '../exchange'
import type { Budgets } from '../payment/engine'
import type { WalletBalance } from '../payment/Funds'
import type { Payments } from '../payment/Payments'
import { readPolicy } from '../payment/policy'
import { systemRuntime } from '../runtime'
import { type EvmSigner, evmWallet, solanaWallet } from '../signers'
import { guarded } from '../store/Store'
import type { Telemetry } from '../telemetry'
import { rpcOf, withX402Payment } from '../wallets'
import type { Forecast } from './forecast'
import { openAgent } from './openAgent'
import { type PluggedScheme, schemeWallet } from './schemeWallet'

/** What an agent's wallet is made of. */
export type AgentWalletOptions = Omit<WalletOptions, 'topUp' | 'topUpBelow'> & {
  /** The origins it may pay at, and no others: `['https://api.aixbt.tech']`. */
  readonly origins: readonly string[]
  readonly evm?: { readonly signer: EvmSigner }
  readonly solana?: { readonly signer: SolanaSigner; readonly rpcUrl?: string }
  /** Official x402 schemes, under the same limits. The wallets above come first where both could pay. */
  readonly schemes?: readonly PluggedScheme[]
  /** Milliseconds to the first byte of an answer, and between two pieces of its body. Default 60,000. */
  readonly timeout?: number
  /** How often a failed request is sent again before a payment is on it. Default 2. */
  readonly maxRetries?: number
  /** Used instead of the global `fetch`. */
  readonly customFetch?: typeof fetch
  readonly telemetry?: Telemetry
}

/** As for `fetch`, and a name for what is paid for. */
export type AgentRequestInit = RequestInit & {
  /**
   * Names what is paid for where the request alone does not: an order, 1 to 255 characters. It is paid for
   * once, in all processes that share the store, and its answer (up to 256 KiB) is kept and given again.
   */
  readonly idempotencyKey?: string
  /**
   * Wraps the `fetch` by which this request and its repetitions go out, for a protocol that has x402
   * elsewhere than in HTTP's status and headers, or its answers in a form of its own.
   */
  readonly via?: (send: typeof fetch) => typeof fetch
}

/** A wallet that pays at the origins its user named. */
export type AgentWallet = {
  /**
   * As the global `fetch`, at one of the origins: what answers 402 (x402 v1 and v2) is paid for once and
   * asked for again. One need is one request, by method, URL and body: a lost answer is asked for again
   * with the same signature, and never paid for anew unless that is provably dead. Redirects are not followed.
   * @throws ARouterError `origin_not_allowed`, `idempotency_key_reused`; its `fundsMoved` says whether money
   * may have left the wallet.
   */
  readonly fetch: (input: string | URL | Request, init?: AgentRequestInit) => Promise<Response>
  /**
   * What a request would be asked to pay, and what this wallet would pay: it is sent with nothing that
   * could pay for it, and nothing is signed. Undefined where nothing is asked for; what is free is then done.
   */
  readonly quote: (
    input: string | URL | Request,
    init?: RequestInit,
  ) => Promise<Forecast | undefined>
  /** The journal, over all origins. */
  readonly payments: Payments
  /** One entry for each wallet. */
  readonly budget: Budgets
  /**
   * What each wallet holds on each network that it may pay on, by the RPC servers asked about the first of
   * the origins.
   * @throws ARouterError `invalid_option` where `funds` was not named.
   */
  readonly getWalletBalances: () => Promise<readonly WalletBalance[]>
  /**
   * Drops the answer that is kept under an `idempotencyKey`: the key may then be paid for anew. With
   * `answer`, only where it is this text: another process may have bought another since.
   * @throws PaymentUnconfirmedError, PaidButFailedError where its payment is open still.
   */
  readonly forget: (origin: string, idempotencyKey: string, answer?: string) => Promise<void>
  /**
   * A random UUID, the same one for a name in all processes that share the store: what an order is
   * called at a seller who tells whoever knows the name what it bought.
   * @throws ARouterError `origin_not_allowed`.
   */
  readonly orderId: (origin: string, name: string) => Promise<string>
  /** A client of an ARouter gateway with this wallet, as `withX402Payment` makes one. */
  readonly bind: (client: ARouter) => ARouter
}

/**
 * One wallet, or one for each chain, for any x402 service among the origins that its user names.
 * @throws ARouterError `invalid_option`, `invalid_signer`, `invalid_url`, `insecure_url`.
 */
export function createAgentWallet(options: AgentWalletOptions): AgentWallet {
  const {
    evm,
    solana,
    schemes = [],
    origins,
    customFetch,
    telemetry,
    timeout = 60_000,
    maxRetries = 2,
  } = options
  const wallets = [
    ...(evm ? [evmWallet(evm.signer)] : []),
    ...(solana ? [solanaWallet(solana.signer)] : []),
    ...schemes.map(schemeWallet),
  ]
  if (wallets.length === 0)
    throw invalidOption('An agent wallet needs evm.signer, solana.signer or one of schemes.')
  const places = readOrigins(origins)
  const rpc = { ...(solana?.rpcUrl && rpcOf(wallets, 'solana', solana.rpcUrl)), ...options.rpc }
  const send: typeof fetch = customFetch ?? ((input, init) => globalThis.fetch(input, init))
  const runtime = systemRuntime(telemetry?.fetch(send) ?? send)
  const store = guarded(options.store ?? processStore)
  const parameters = {
    ...options,
    rpc,
    policy: readPolicy({ ...options, rpc }, wallets, false),
    places,
    wallets,
    runtime,
    store,
    timeout,
    maxRetries,
  }
  return {
    ...openAgent(parameters),
    bind: (client) => withX402Payment(client, { ...options, store, rpc }),
  }
}

function readOrigins(origins: readonly string[]): ReadonlyMap<string, Base> {
  if (!Array.isArray(origins) || origins.length === 0) {
    throw invalidOption("An agent wallet needs the origins it may pay at: origins: ['https://…'].")
  }
  return new Map(
    origins.map((origin) => {
      const base = parseBase(origin)
      if (base.url !== base.origin)
        throw invalidOption(`${base.url} is no origin: leave the path out.`)
      return [base.origin, base]
    }),
  )
}
