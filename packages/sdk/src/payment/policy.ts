import { invalidOption } from '../errors'
import type { Wallet } from '../wallet'
import { type Duration, type Money, parseDuration, parseMoney } from './amount'

/** What is about to be signed, for `approve`. Computed from the checked offer, not from its prose. */
export type PaymentIntent = {
  readonly origin: string
  /** Of the request it is asked for, as in `prices`. */
  readonly path: string
  /** CAIP-2. */
  readonly network: string
  /** Atomic units of USDC. */
  readonly amount: bigint
  readonly payTo: string
  /** The paying wallet. */
  readonly from: string
}

/** The limits within which a wallet client pays. Every field has a default. */
export type PolicyOptions = {
  /** CAIP-2 ids. Default: Base and Solana mainnet. Testnets only by name, and then no mainnet. */
  readonly networks?: readonly string[]
  /** Default `$5`. */
  readonly maxPerPayment?: Money
  /**
   * The most for one payment by the path that asks for it, after that of `baseURL` and without query, or
   * by origin and path: `{ '/v1/audio/speech': '$0.10', 'https://seller.example/*': '$1' }`. A `*` ends a
   * path; the longest that fits counts, and one without `*` before it. Never more than `maxPerPayment`.
   * Default: the same for all.
   */
  readonly prices?: Readonly<Record<string, Money>>
  /** Default `$20` in `24h`, for each wallet, over all that share the store; no limit of its own per origin. */
  readonly budget?: {
    readonly limit?: Money
    readonly window?: Duration
    readonly perOrigin?: Money
  }
  /** Who may be paid. Default: whoever was paid first at this origin and network, from then on. */
  readonly payTo?: readonly string[]
  /** Who may pay the fees on Solana. Default: whoever an offer names, as facilitators take turns. */
  readonly feePayer?: readonly string[]
  /** Buy at least this much at a time. Default: the smallest offer. */
  readonly topUp?: Money
  /** Buy ahead, off the path of any call, when less than this is left. Default: only when a 402 asks. */
  readonly topUpBelow?: Money
  /** Asked before each payment; anything but true, an error or two minutes of silence is a no. */
  readonly approve?: (intent: PaymentIntent) => boolean | Promise<boolean>
  /** RPC URLs by network. Default: the network's public one, and none for a gateway on this machine. */
  readonly rpc?: Readonly<Record<string, string | readonly string[]>>
  /** What to do with a payment whose outcome stays unknown past its expiry. Default `hold`. */
  readonly onUnconfirmed?: 'hold' | 'retry-after-expiry'
}

/** {@link PolicyOptions}, read. Amounts are atomic units of USDC, times milliseconds. */
export type Policy = {
  readonly networks: ReadonlySet<string>
  readonly maxPerPayment: bigint
  /** Most per payment, by path. */
  readonly prices: ReadonlyMap<string, bigint>
  readonly limit: bigint
  readonly perOrigin: bigint | undefined
  readonly window: number
  /** As they were given. */
  readonly payTo: readonly string[] | undefined
  readonly feePayer: readonly string[] | undefined
  readonly topUp: bigint | undefined
  readonly topUpBelow: bigint | undefined
  readonly approve: PolicyOptions['approve']
  readonly rpc: Readonly<Record<string, readonly string[]>>
  readonly onUnconfirmed: 'hold' | 'retry-after-expiry'
}

/**
 * Reads the options of a payer with these wallets.
 * @throws ARouterError `invalid_option`.
 */
export function readPolicy(
  options: PolicyOptions,
  wallets: readonly Wallet[],
  loopback: boolean,
): Policy {
  const networks = readNetworks(options.networks, wallets)
  const { budget = {}, approve, onUnconfirmed = 'hold', rpc = {} } = options
  const maxPerPayment = parseMoney(options.maxPerPayment ?? '$5', 'maxPerPayment')
  const optional = (money: Money | undefined, option: string) =>
    money === undefined ? undefined : parseMoney(money, option)
  const topUp = optional(options.topUp, 'topUp')
  if (typeof budget !== 'object')
    throw invalidOption("budget must be { limit: '$20', window: '24h' }.")
  if (approve !== undefined && typeof approve !== 'function')
    throw invalidOption('approve must be a function.')
  if (onUnconfirmed !== 'hold' && onUnconfirmed !== 'retry-after-expiry') {
    throw invalidOption("onUnconfirmed must be 'hold' or 'retry-after-expiry'.")
  }
  if (topUp !== undefined && topUp > maxPerPayment)
    throw invalidOption('topUp is more than maxPerPayment.')
  for (const network of Object.keys(rpc)) {
    if (!network.includes(':')) throw invalidOption(`rpc: ${network} is no CAIP-2 network.`)
  }
  return {
    networks,
    maxPerPayment,
    prices: readPrices(options.prices ?? {}),
    limit: parseMoney(budget.limit ?? '$20', 'budget.limit'),
    perOrigin: optional(budget.perOrigin, 'budget.perOrigin'),
    window: parseDuration(budget.window ?? '24h', 'budget.window'),
    payTo: readAddresses(options.payTo, 'payTo'),
    feePayer: readAddresses(options.feePayer, 'feePayer'),
    topUp,
    topUpBelow: optional(options.topUpBelow, 'topUpBelow'),
    approve,
    rpc: Object.fromEntries(
      [...networks].map((network) => [network, readRpc(rpc[network], network, wallets, loopback)]),
    ),
    onUnconfirmed,
  }
}

const ADDRESS = /^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/

function readAddresses(
  addresses: readonly string[] | undefined,
  option: string,
): readonly string[] | undefined {
  if (addresses === undefined) return undefined
  const isList = Array.isArray(addresses) && addresses.length > 0
  if (!isList || !addresses.every((address) => ADDRESS.test(address))) {
    throw invalidOption(`${option} must be a list of addresses, at least one.`)
  }
  return [...addresses]
}

function readPrices(prices: Readonly<Record<string, Money>>): ReadonlyMap<string, bigint> {
  const entries = Object.entries(prices)
  if (!entries.every(([route]) => isRoute(route))) {
    throw invalidOption(
      "prices must be { '/v1/chat/completions': '$5', 'https://seller.example/*': '$1' }.",
    )
  }
  return new Map(entries.map(([route, money]) => [route, parseMoney(money, `prices for ${route}`)]))
}

// Written as a request has it: a limit that no request could meet would be none.
function isRoute(route: string): boolean {
  const anywhere = 'https://anywhere.example'
  if (!/^[^*?#]*\*?$/.test(route) || !URL.canParse(route, anywhere)) return false
  const { href, pathname } = new URL(route, anywhere)
  return route === href || route === pathname
}

function readNetworks(
  named: readonly string[] | undefined,
  wallets: readonly Wallet[],
): ReadonlySet<string> {
  const known = wallets.flatMap((wallet) => Object.entries(wallet.networks))
  const isTestnet = new Map(known.map(([network, { testnet }]) => [network, testnet]))
  if (named !== undefined && named.length === 0)
    throw invalidOption('networks is empty: name at least one.')
  if (!named) return new Set([...isTestnet.keys()].filter((network) => !isTestnet.get(network)))
  for (const network of named) {
    if (!isTestnet.has(network)) {
      throw invalidOption(
        `networks: ${network} is not among what the wallet can pay on (${[...isTestnet.keys()].join(', ')}).`,
      )
    }
  }
  if (new Set(named.map((network) => isTestnet.get(network))).size > 1) {
    throw invalidOption('networks mixes mainnets and testnets: name the one kind you mean.')
  }
  return new Set(named)
}

function readRpc(
  named: string | readonly string[] | undefined,
  network: string,
  wallets: readonly Wallet[],
  loopback: boolean,
): readonly string[] {
  const urls = typeof named === 'string' ? [named] : named
  if (urls !== undefined && !(Array.isArray(urls) && urls.every(isHttp))) {
    throw invalidOption(`rpc for ${network} must be an http(s) URL, or a list of them.`)
  }
  if (urls) return urls
  // A public chain knows nothing of a gateway on this machine, and would call its payments unused.
  if (loopback) return []
  return wallets.flatMap((wallet) => wallet.networks[network]?.rpc ?? [])
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}
