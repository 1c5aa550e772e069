import { type Chance, chanceFrom } from './Chance'
import type { Holder } from './Holder'

/** The kinds of schedule. A seed alone decides which one it is, unless a run names one. */
export const PROFILES = [
  'cold',
  'warm',
  'crash',
  'processes',
  'callers',
  'days',
  'solana',
  'wallets',
  'ahead',
] as const
export type Profile = (typeof PROFILES)[number]

/** How a simulated gateway treats payments and sessions. */
export type GatewayPlan = {
  /** What a payment that was used before gets. */
  readonly replay: 'idempotent' | 'rejects-nonce'
  readonly signIn: 'yes' | 'known wallets' | 'none'
  readonly receipt: 'jwt' | 'no jwt' | 'none'
  /** A token stays the same, or each sign-in and payment makes a new one. */
  readonly tokens: 'stable' | 'new' | 'newest only'
  /** Milliseconds a token holds, and whether it says so. */
  readonly tokenLife: number
  readonly tokenSaysEnd: boolean
  readonly dates: boolean
  /** What the smallest payment buys, in requests, and what it costs. */
  readonly requestsPerPayment: number
  readonly amount: bigint
  /** What is offered, as multiples of that, and how much more it costs on Solana. */
  readonly multiples: readonly number[]
  readonly moreOnSolana: bigint
  /** Whether an offer on Solana has a blockhash, and how many milliseconds old that is. */
  readonly hint: 'none' | number
  /** Of a payment's being settled late, settled and not credited, refused, or refused and yet settled. */
  readonly late: number
  readonly uncredited: number
  readonly refuses: number
  readonly refusesAndSettles: number
  /** Of a receipt that says the contrary of what happened. */
  readonly lies: number
}

/** How a simulated chain and its RPC servers behave. */
export type ChainPlan = {
  /** Milliseconds until a block will not be undone. */
  readonly lag: number
  readonly reorgs: number
  readonly outages: number
  /** Milliseconds between two blocks of Solana. */
  readonly blockTime: number
  /** Of a Solana transaction's landing with an error, which uses it up. */
  readonly failures: number
  /** Whether a node of an EVM chain knows the tag `safe`. */
  readonly tags: 'safe' | 'finalized'
  /** Whether a Solana server keeps memos, and how long its history is. */
  readonly memos: boolean
  readonly history: 'whole' | 'pruned'
}

export type Plan = {
  readonly seed: number
  readonly profile: Profile
  readonly faults: number
  readonly crashes: number
  readonly storeFaults: number
  readonly storeDelay: number
  readonly walletFaults: number
  readonly walletDelay: number
  readonly durable: boolean
  /** In the order of whose session comes first. */
  readonly wallets: readonly Holder['namespace'][]
  readonly warm: 'no' | 'token' | 'trace'
  /** Which of the wallets it is that has been here before. */
  readonly warmWallet: number
  readonly processes: number
  readonly callers: number
  readonly requestsPerCaller: number
  readonly triesPerRequest: number
  readonly aborts: number
  readonly writeOffs: number
  readonly reconciles: number
  readonly clockJumps: number
  readonly skew: number
  /** Most milliseconds a message travels. */
  readonly travel: number
  readonly timeout: number
  readonly retries: number
  readonly gateway: GatewayPlan
  readonly chain: ChainPlan
  /** How many RPC servers are known. */
  readonly rpc: number
  readonly limit: bigint
  readonly perOrigin: bigint | undefined
  readonly topUp: bigint | undefined
  /** Credit is bought ahead below this. */
  readonly topUpBelow: bigint | undefined
  readonly approve: 'none' | 'yes' | 'sometimes'
  readonly onUnconfirmed: 'hold' | 'retry-after-expiry'
  /** Most milliseconds between a caller's requests. */
  readonly pause: number
}

export const FAULT_RATES = [0.05, 0.15, 0.4] as const

/** All that a schedule's seed decides before it begins. */
export function planOf(seed: number, only?: Profile): Plan {
  const chance = chanceFrom(seed)
  const drawn = chance.pick(...PROFILES)
  const profile = only ?? drawn
  const is = (...profiles: readonly Profile[]) => profiles.includes(profile)
  const gateway = planGateway(chance, profile)
  const wallets = planWallets(chance, profile)
  const topUp = planTopUp(chance, gateway)
  const limit = (topUp ?? gateway.amount) * BigInt(chance.pick(1, 2, 3, 20, 20)) + 2n
  const clockJumps = is('days') ? 0 : chance.pick(0, 0, 0.05)
  const durable = is('crash', 'processes') || chance.happens(0.7)
  return {
    seed,
    profile,
    gateway,
    durable,
    faults: chance.pick(...FAULT_RATES),
    crashes: is('crash')
      ? chance.pick(0.01, 0.03, 0.1)
      : is('processes')
        ? chance.pick(0, 0.02)
        : 0,
    storeFaults: chance.pick(0, 0, 0, 0.02, 0.1),
    storeDelay: is('processes') ? chance.pick(0, 5, 200) : chance.pick(0, 0, 0, 50),
    walletFaults: chance.pick(0, 0, 0.1),
    walletDelay: chance.pick(0, 0, 100, 30_000),
    wallets,
    topUp,
    topUpBelow: is('ahead') ? gateway.amount / chance.pick(1n, 2n) : undefined,
    limit,
    perOrigin: chance.pick(undefined, undefined, undefined, limit / 2n, limit),
    warm:
      is('warm') || (is('wallets') && chance.happens(0.5)) ? chance.pick('token', 'trace') : 'no',
    warmWallet: chance.between(0, wallets.length - 1),
    processes: is('processes') ? chance.pick(2, 2, 3) : 1,
    callers: is('callers') ? crowd(chance) : is('processes') ? chance.pick(1, 1, 1, 2) : 1,
    requestsPerCaller: is('callers', 'processes') ? 1 : chance.pick(1, 1, 1, 2, 3),
    triesPerRequest: chance.pick(1, 1, 2, 3),
    aborts: chance.pick(0, 0, 0.2),
    writeOffs: chance.pick(0, 0, 0.1),
    reconciles: chance.pick(0, 0, 0.1),
    clockJumps,
    skew: is('days') ? 0 : chance.pick(0, 0, -61_000, 61_000, -3_600_000, 3_600_000),
    travel: chance.pick(20, 20, 20, 2_500),
    timeout: chance.pick(5_000, 10_000),
    retries: chance.between(0, 2),
    chain: {
      lag: chance.pick(0, 4_000, 30_000),
      reorgs: chance.pick(0, 0, 0.2),
      outages: chance.pick(0, 0.1, 0.5),
      blockTime: chance.pick(400, 600, 900),
      failures: chance.pick(0, 0, 0.1),
      tags: chance.pick('safe', 'safe', 'finalized'),
      memos: chance.happens(0.7),
      history: chance.pick('whole', 'whole', 'whole', 'pruned'),
    },
    rpc: chance.pick(0, 0, 1, 1, 1, 1, 2),
    approve: chance.pick('none', 'none', 'yes', 'sometimes'),
    // By a clock that jumps, nobody can tell what has expired.
    onUnconfirmed:
      clockJumps === 0 && gateway.dates && chance.happens(0.25) ? 'retry-after-expiry' : 'hold',
    pause: is('days') ? 30 * 3_600_000 : chance.pick(1_000, 100_000),
  }
}

function planGateway(chance: Chance, profile: Profile): GatewayPlan {
  const signIn = chance.pick('yes', 'yes', 'yes', 'known wallets', 'none')
  const receipt = chance.pick('jwt', 'jwt', 'jwt', 'no jwt', 'none')
  // Credit that no token can ever reach is not sold.
  const isReachable = signIn !== 'none' || receipt === 'jwt'
  const perPayment = isReachable ? chance.pick(1, 2, 3) : 1
  return {
    signIn,
    receipt,
    replay: chance.pick('idempotent', 'rejects-nonce'),
    tokens: signIn === 'none' ? 'stable' : chance.pick('stable', 'new', 'newest only'),
    tokenLife: signIn === 'none' ? 1e12 : chance.pick(1e12, 1e12, 60_000, 600_000),
    tokenSaysEnd: chance.happens(0.5),
    dates: chance.happens(0.8),
    requestsPerPayment: profile === 'callers' && perPayment > 1 ? perPayment * 40 : perPayment,
    // Prime, so that no other sum of amounts looks like it.
    amount: chance.pick(1_000_003n, 10_007n, 4_999_991n),
    multiples: isReachable ? chance.pick([1], [1], [1, 2, 5], [5, 1]) : [1],
    moreOnSolana: chance.pick(0n, 2n, -2n),
    hint: chance.pick<'none' | number>('none', 0, 0, 30_000),
    late: chance.pick(0, 0, 0.3),
    uncredited: chance.pick(0, 0, 0, 0.2),
    refuses: chance.pick(0, 0, 0, 0.3),
    refusesAndSettles: chance.pick(0, 0, 0, 0.2),
    lies: chance.pick(0, 0, 0, 0.2),
  }
}

function planWallets(chance: Chance, profile: Profile): Plan['wallets'] {
  const both = chance.pick<Plan['wallets']>(['eip155', 'solana'], ['solana', 'eip155'])
  if (profile === 'wallets') return both
  if (profile === 'solana') return ['solana']
  return chance.pick<Plan['wallets']>(['eip155'], ['eip155'], ['eip155'], ['solana'])
}

function planTopUp(chance: Chance, { amount, multiples }: GatewayPlan): bigint | undefined {
  if (multiples.length === 1) return undefined
  const times = chance.pick(undefined, 1n, 2n, 3n, 5n, 10n)
  // No more than what one payment may come to.
  return times === undefined || amount * times > 5_000_000n ? undefined : amount * times
}

function crowd(chance: Chance): number {
  if (chance.happens(0.001)) return 1_000
  return chance.happens(0.02) ? chance.between(20, 100) : chance.pick(2, 3, 5)
}
