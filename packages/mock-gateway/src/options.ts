import type { FacilitatorClient } from '@x402/core/server'
import type { ChainSource } from './chain/Chain'
import { openStubChain } from './chain/stub/openStubChain'
import {
  type DialectName,
  type DialectOptions,
  dialectNames,
  isDialectName,
} from './dialects/dialects'
import { GatewayConfigError } from './GatewayConfigError'
import type { Money } from './money'
import { toUnits } from './money'
import type { Network, NetworkId } from './networks'
import { defaultNetworks, networkOf } from './networks'
import type { KeyTerms, LimitReset } from './tenants/keys'

/** How a 402 states its terms. */
export type ChallengeForm = 'header' | 'body' | 'v1' | 'none' | 'base64url'

/** How strict sign-in is, and where it is taken. */
export interface SiwxOptions {
  /** `sign-in-with-x` of x402: offered in each 402, taken on the request itself. Default `off`. */
  readonly extension?: 'on' | 'off'
  /** Whether wallets may choose nonces, or must use one that a 402 or 401 offered. Default `any`. */
  readonly nonce?: 'any' | 'server'
  /** Whether a message must end within five minutes of its issue. Default `optional`. */
  readonly expiry?: 'optional' | 'required'
  /** What a nonce that was used gets. Default `reject`. */
  readonly replay?: 'reject' | 'accept'
}

/** An API key that exists from the start. */
export interface ApiKeyOptions {
  /** Credit its account starts with. */
  readonly balance: Money
  /** Default: `management` for a key that starts with `lr_mgmt_`, else `regular`. */
  readonly type?: 'management' | 'regular'
  /** Keys that name the same account spend and manage the same one. Default: one of its own. */
  readonly account?: string
  /** What it may spend. Default: all its account has. */
  readonly limit?: Money
  /** When what it has spent counts from zero again. Default: never. */
  readonly limitReset?: LimitReset
  readonly allowedProviders?: readonly string[]
  readonly allowedModels?: readonly string[]
}

/** An API key that exists from the start, its options checked. */
export type ApiKeyConfig = Omit<KeyTerms, 'name'> & {
  readonly type: 'management' | 'regular'
  readonly account: string | undefined
  readonly balance: bigint
}

/** Everything that can be chosen about a mock gateway. All of it is optional. */
export interface MockGatewayOptions extends DialectOptions {
  /**
   * The systems whose protocols it speaks, each on a port of its own, over the same chains. Each has its options
   * under its name; those about credit, tokens, API keys and models are ARouter's. Default `['arouter']`.
   */
  readonly dialects?: readonly DialectName[]
  /** TCP port, further dialects on those after it; 0 for any free ones. Default 0. */
  readonly port?: number
  /** Loopback address to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** Origin that clients know the gateway by; sign-in messages for its host are accepted too. */
  readonly publicUrl?: string
  /** CAIP-2 ids to offer. Default: both mainnets. */
  readonly networks?: readonly NetworkId[]
  /** Amounts to offer on each network, each at most `$100`. Default `$1`, `$5`, `$10`, `$20`. */
  readonly topUps?: readonly Money[]
  /** Receiving address per network. Default: made at start. */
  readonly payTo?: Partial<Record<NetworkId, string>>
  /** `maxTimeoutSeconds` of each offer. Default 300. */
  readonly maxTimeoutSeconds?: number
  /** How a 402 states its terms. Default `header`. */
  readonly challenge?: ChallengeForm
  /** Whether Solana offers carry a recent blockhash. Default `true`. */
  readonly blockhashHint?: boolean
  /**
   * Where payments are settled: on `stub` chains in memory, or on chains that run on this machine (`localChain`
   * of `@arouter/mock-gateway/local`). Default `stub`.
   */
  readonly chain?: 'stub' | ChainSource
  /**
   * USDC that wallets hold at first; with `unlimited`, all the same: a billion dollars, which a local chain gives a
   * wallet when it pays. Default `unlimited`.
   */
  readonly balances?: 'unlimited' | Readonly<Record<string, Money>>
  /** What a settled signature that is presented again gets. Default `reject`. */
  readonly replay?: 'reject' | 'idempotent'
  /** What PAYMENT-RESPONSE holds after a settlement. Default `jwt`. */
  readonly receipt?: 'jwt' | 'no-jwt' | 'none'
  /** Lifetime of a wallet token in seconds. Default 3600. */
  readonly jwtTtl?: number
  /** Whether `POST /v1/x402/auth` exists. Default `on`. */
  readonly signIn?: 'on' | 'off'
  /** What is asked of a sign-in. */
  readonly siwx?: SiwxOptions
  /** API keys and what each can spend. Default: none. */
  readonly apiKeys?: Readonly<Record<string, ApiKeyOptions>>
  /** Requests a minute that one account may make of models. Default: any number. */
  readonly rateLimit?: number
  /** Whether free models take 20 requests a minute and 50 a day (1,000 once $5 were bought). Default `off`. */
  readonly freeLimits?: 'on' | 'off'
  /**
   * File that accounts, keys, payments, tokens, chains and time are loaded from at start. It is replaced as a
   * whole before an answer hands out a receipt, a token or a key, within a second of any other request, and on
   * close; so a gateway that is killed leaves the last whole one. Settlements held back, contract wallets and
   * used sign-in nonces are not kept.
   */
  readonly stateFile?: string
  /**
   * Who verifies and settles payments, such as the official `x402Facilitator` over a node of a local chain.
   * Default: the same one over stub chains. The stub chains, their RPC and the faults of settlement know
   * nothing of what another one settles.
   */
  readonly facilitator?: FacilitatorClient
  /**
   * How many of each are kept in lists, the latest ones: requests, payments, sign-ins, faults, entries of the
   * ledger, answers, transfers on each chain. Balances, totals and usage by the hour count everything.
   * Default 10,000.
   */
  readonly history?: number
  /** Charge per request in place of the metered cost. */
  readonly price?: Money
  /** Pause between streamed events in milliseconds. Default 0. */
  readonly chunkDelay?: number
  /** Current time in milliseconds. Default `Date.now`. */
  readonly clock?: () => number
  /** How far the gateway and its chains are from `clock`, in milliseconds. Default 0. */
  readonly clockSkew?: number
}

/** The options with every default filled in and every value checked. */
export interface GatewayConfig {
  readonly dialects: readonly DialectName[]
  readonly port: number
  readonly host: string
  readonly publicUrl: URL | undefined
  readonly networks: readonly Network[]
  readonly topUps: readonly bigint[]
  readonly payTo: Partial<Record<NetworkId, string>>
  readonly maxTimeoutSeconds: number
  readonly challenge: ChallengeForm
  readonly blockhashHint: boolean
  readonly openChain: ChainSource['open']
  readonly balances: 'unlimited' | ReadonlyMap<string, bigint>
  readonly replay: 'reject' | 'idempotent'
  readonly receipt: 'jwt' | 'no-jwt' | 'none'
  readonly jwtTtl: number
  readonly signIn: 'on' | 'off'
  readonly siwx: Required<SiwxOptions>
  readonly apiKeys: ReadonlyMap<string, ApiKeyConfig>
  readonly rateLimit: number | undefined
  readonly freeLimits: 'on' | 'off'
  readonly stateFile: string | undefined
  readonly facilitator: FacilitatorClient | undefined
  readonly history: number
  readonly price: bigint | undefined
  readonly chunkDelay: number
  readonly clock: () => number
  readonly clockSkew: number
}

const MOST_TOP_UP = 100_000_000n
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/

/** Checks the options and fills in the defaults. Throws GatewayConfigError. */
export function resolveOptions(options: MockGatewayOptions): GatewayConfig {
  const host = options.host ?? '127.0.0.1'
  if (!LOOPBACK.test(host)) {
    throw new GatewayConfigError(`host must be a loopback address, got '${host}'`)
  }
  const networks = (options.networks ?? defaultNetworks).map(networkOf)
  if (networks.length === 0) throw new GatewayConfigError('networks must name at least one network')
  const topUps = (options.topUps ?? ['$1', '$5', '$10', '$20']).map((money) =>
    toUnits(money, 'topUps'),
  )
  if (topUps.length === 0 || topUps.some((amount) => amount === 0n)) {
    throw new GatewayConfigError('topUps must hold at least one amount, each above zero')
  }
  if (topUps.some((amount) => amount > MOST_TOP_UP)) {
    throw new GatewayConfigError('topUps must hold no amount above $100')
  }
  return {
    dialects: dialectsOf(options.dialects ?? ['arouter']),
    port: integer('port', options.port ?? 0, 0, 65_535),
    host,
    publicUrl: options.publicUrl === undefined ? undefined : originOf(options.publicUrl),
    networks,
    topUps,
    payTo: options.payTo ?? {},
    maxTimeoutSeconds: integer('maxTimeoutSeconds', options.maxTimeoutSeconds ?? 300, 1, 86_400),
    challenge: oneOf(
      'challenge',
      ['header', 'body', 'v1', 'none', 'base64url'],
      options.challenge ?? 'header',
    ),
    blockhashHint: options.blockhashHint ?? true,
    openChain: openerOf(options.chain ?? 'stub'),
    balances: balancesOf(options.balances ?? 'unlimited'),
    replay: oneOf('replay', ['reject', 'idempotent'], options.replay ?? 'reject'),
    receipt: oneOf('receipt', ['jwt', 'no-jwt', 'none'], options.receipt ?? 'jwt'),
    jwtTtl: integer('jwtTtl', options.jwtTtl ?? 3600, 1, 31_536_000),
    signIn: oneOf('signIn', ['on', 'off'], options.signIn ?? 'on'),
    siwx: siwxOf(options.siwx ?? {}),
    apiKeys: new Map(
      Object.entries(options.apiKeys ?? {}).map(([secret, key]) => [secret, keyOf(secret, key)]),
    ),
    rateLimit:
      options.rateLimit === undefined
        ? undefined
        : integer('rateLimit', options.rateLimit, 1, 1_000_000),
    freeLimits: oneOf('freeLimits', ['on', 'off'], options.freeLimits ?? 'off'),
    stateFile: options.stateFile,
    facilitator: options.facilitator,
    history: integer('history', options.history ?? 10_000, 1, 1_000_000),
    price: options.price === undefined ? undefined : toUnits(options.price, 'price'),
    chunkDelay: integer('chunkDelay', options.chunkDelay ?? 0, 0, 60_000),
    clock: options.clock ?? Date.now,
    clockSkew: options.clockSkew ?? 0,
  }
}

function dialectsOf(names: readonly string[]): readonly DialectName[] {
  if (names.length === 0) throw new GatewayConfigError('dialects must name at least one dialect')
  if (new Set(names).size < names.length) throw new GatewayConfigError('dialects names one twice')
  return names.map((name) => {
    if (isDialectName(name)) return name
    const known = dialectNames.join(', ')
    throw new GatewayConfigError(`unknown dialect '${name}', expected one of ${known}`)
  })
}

function keyOf(secret: string, key: ApiKeyOptions): ApiKeyConfig {
  const { balance, account, limit, limitReset, allowedProviders, allowedModels } = key
  const byPrefix = secret.startsWith('lr_mgmt_') ? 'management' : 'regular'
  return {
    balance: toUnits(balance, 'apiKeys'),
    type: oneOf('apiKeys.type', ['management', 'regular'], key.type ?? byPrefix),
    account,
    limit: limit === undefined ? undefined : toUnits(limit, 'apiKeys.limit'),
    limitReset:
      limitReset && oneOf('apiKeys.limitReset', ['daily', 'weekly', 'monthly'], limitReset),
    allowedProviders,
    allowedModels,
  }
}

function siwxOf(siwx: SiwxOptions): Required<SiwxOptions> {
  return {
    extension: oneOf('siwx.extension', ['on', 'off'], siwx.extension ?? 'off'),
    nonce: oneOf('siwx.nonce', ['any', 'server'], siwx.nonce ?? 'any'),
    expiry: oneOf('siwx.expiry', ['optional', 'required'], siwx.expiry ?? 'optional'),
    replay: oneOf('siwx.replay', ['reject', 'accept'], siwx.replay ?? 'reject'),
  }
}

function openerOf(chain: 'stub' | ChainSource): ChainSource['open'] {
  if (typeof chain === 'object') return chain.open
  oneOf('chain', ['stub'], chain)
  return openStubChain
}

function balancesOf(
  balances: 'unlimited' | Readonly<Record<string, Money>>,
): 'unlimited' | ReadonlyMap<string, bigint> {
  if (balances === 'unlimited') return balances
  return new Map(
    Object.entries(balances).map(([address, money]) => [address, toUnits(money, 'balances')]),
  )
}

function originOf(value: string): URL {
  if (!URL.canParse(value)) throw new GatewayConfigError(`publicUrl is not a URL: '${value}'`)
  return new URL(value)
}

function integer(what: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value
  throw new GatewayConfigError(`${what} must be a whole number from ${low} to ${high}`)
}

function oneOf<const T extends string>(what: string, allowed: readonly T[], value: string): T {
  const found = allowed.find((candidate) => candidate === value)
  if (found) return found
  throw new GatewayConfigError(`${what} must be one of ${allowed.join(', ')}, got '${value}'`)
}
