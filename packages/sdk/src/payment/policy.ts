import { ARouterError } from '../errors'
import type { Wallet } from '../wallet'
import { type Duration, type Money, parseDuration, parseMoney } from './amount'

/** What is about to be signed, for `approve`. Computed from the checked offer, not from its prose. */
export type PaymentIntent = {
  readonly origin: string
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
  /** Default `$20` in `24h`, for each wallet, over all that share the store. */
  readonly budget?: { readonly limit?: Money; readonly window?: Duration }
  /** Who may be paid. Default: whoever was paid first at this origin and network, from then on. */
  readonly payTo?: readonly string[]
  /** Buy at least this much at a time. Default: the smallest offer. */
  readonly topUp?: Money
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
  readonly limit: bigint
  readonly window: number
  readonly payTo: ReadonlySet<string> | undefined
  readonly topUp: bigint | undefined
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
  return {
    networks,
    maxPerPayment: parseMoney(options.maxPerPayment ?? '$5', 'maxPerPayment'),
    limit: parseMoney(options.budget?.limit ?? '$20', 'budget.limit'),
    window: parseDuration(options.budget?.window ?? '24h', 'budget.window'),
    payTo: options.payTo && new Set(options.payTo.map(sameAddress)),
    topUp: options.topUp === undefined ? undefined : parseMoney(options.topUp, 'topUp'),
    approve: options.approve,
    rpc: Object.fromEntries(
      [...networks].map((network) => [
        network,
        readRpc(options.rpc?.[network], network, wallets, loopback),
      ]),
    ),
    onUnconfirmed: options.onUnconfirmed ?? 'hold',
  }
}

function readNetworks(
  named: readonly string[] | undefined,
  wallets: readonly Wallet[],
): ReadonlySet<string> {
  const known = Object.entries(Object.assign({}, ...wallets.map((wallet) => wallet.networks)))
  const isTestnet = new Map(known.map(([network, asset]) => [network, isTest(asset)]))
  if (!named) return new Set([...isTestnet.keys()].filter((network) => !isTestnet.get(network)))
  for (const network of named) {
    if (!isTestnet.has(network)) {
      throw invalid(
        `networks: ${network} is not among what the wallet can pay on (${[...isTestnet.keys()].join(', ')}).`,
      )
    }
  }
  if (new Set(named.map((network) => isTestnet.get(network))).size > 1) {
    throw invalid('networks mixes mainnets and testnets: name the one kind you mean.')
  }
  return new Set(named)
}

function isTest(asset: unknown): boolean {
  return typeof asset === 'object' && asset !== null && 'testnet' in asset && asset.testnet === true
}

function readRpc(
  named: string | readonly string[] | undefined,
  network: string,
  wallets: readonly Wallet[],
  loopback: boolean,
): readonly string[] {
  const urls = typeof named === 'string' ? [named] : named
  for (const url of urls ?? []) {
    if (!URL.canParse(url)) throw invalid(`rpc for ${network} is no URL.`)
  }
  if (urls) return urls
  // A public chain knows nothing of a gateway on this machine, and would call its payments unused.
  if (loopback) return []
  return wallets.flatMap((wallet) => wallet.networks[network]?.rpc ?? [])
}

function invalid(message: string): ARouterError {
  return new ARouterError(0, 'invalid_option', message)
}

/** An address in the one spelling to compare it by: hex ignores case, base58 does not. */
export function sameAddress(address: string): string {
  return address.startsWith('0x') ? address.toLowerCase() : address
}
