import { type Chance, chanceFrom } from './Chance'

/** The kinds of schedule. A seed alone decides which one it is, unless a run names one. */
export const PROFILES = ['cold', 'warm', 'crash', 'processes', 'callers', 'days'] as const
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
  /** What one payment buys, in requests. */
  readonly requestsPerPayment: number
  readonly amount: bigint
  /** Of a payment's being settled late, settled and not credited, refused, or refused and yet settled. */
  readonly late: number
  readonly uncredited: number
  readonly refuses: number
  readonly refusesAndSettles: number
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
  readonly warm: 'no' | 'token' | 'trace'
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
  readonly chain: { readonly lag: number; readonly reorgs: number; readonly outages: number }
  readonly rpc: boolean
  readonly limit: bigint
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
    warm: is('warm') ? chance.pick('token', 'trace') : 'no',
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
    },
    rpc: chance.happens(0.7),
    limit: gateway.amount * BigInt(chance.pick(1, 2, 3, 20, 20)),
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
  const perPayment = signIn === 'none' && receipt !== 'jwt' ? 1 : chance.pick(1, 2, 3)
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
    amount: chance.pick(1_000_003n, 10_007n, 4_999_999n),
    late: chance.pick(0, 0, 0.3),
    uncredited: chance.pick(0, 0, 0, 0.2),
    refuses: chance.pick(0, 0, 0, 0.3),
    refusesAndSettles: chance.pick(0, 0, 0, 0.2),
  }
}

function crowd(chance: Chance): number {
  if (chance.happens(0.001)) return 1_000
  return chance.happens(0.02) ? chance.between(20, 100) : chance.pick(2, 3, 5)
}
