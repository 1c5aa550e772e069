import type { FaultKind, MockGatewayOptions } from '../../packages/mock-gateway/src/index'
import type { Plan } from './plan'

/** How many times faster than real time a schedule runs over sockets. */
export const SPEED = 10

/** The same plan as far as a gateway on a socket can follow it: what it cannot do is left out. */
export function overSockets(plan: Plan): Plan {
  const { gateway, chain } = plan
  const signIn = gateway.signIn === 'none' ? 'none' : 'yes'
  const shorter = (ms: number, most: number) => Math.min(ms, most)
  return {
    ...plan,
    callers: shorter(plan.callers, 20),
    requestsPerCaller: shorter(plan.requestsPerCaller, 2),
    pause: shorter(plan.pause, 5_000),
    walletDelay: shorter(plan.walletDelay, 500),
    storeDelay: shorter(plan.storeDelay, 50),
    warm: plan.warm !== 'no' && signIn === 'yes' ? 'trace' : 'no',
    topUpBelow: undefined,
    // A chain of the mock gateway takes what is valid, for good, and tells of it at once.
    chain: { ...chain, lag: 0, reorgs: 0, failures: 0, history: 'pruned' },
    gateway: {
      ...gateway,
      signIn,
      dates: true,
      hint: 0,
      moreOnSolana: 0n,
      tokens: 'new',
      refuses: 0,
      refusesAndSettles: 0,
      lies: 0,
    },
  }
}

/** The mock gateway that a plan asks for. */
export function gatewayOptions({ gateway, wallets }: Plan): MockGatewayOptions {
  const { amount, multiples, replay, receipt, signIn, tokenLife } = gateway
  const networks = {
    eip155: 'eip155:8453',
    solana: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  } as const
  return {
    networks: wallets.map((namespace) => networks[namespace]),
    topUps: multiples.map((times) => amount * BigInt(times)),
    price: priceOf(gateway),
    replay: replay === 'idempotent' ? 'idempotent' : 'reject',
    receipt: receipt === 'no jwt' ? 'no-jwt' : receipt,
    jwtTtl: Math.min(3_600, Math.ceil(tokenLife / 1_000)),
    signIn: signIn === 'none' ? 'off' : 'on',
    maxTimeoutSeconds: 60,
  }
}

/** What one request costs, so that a payment buys as many as the plan says. */
export function priceOf({ amount, requestsPerPayment }: Plan['gateway']): bigint {
  const requests = BigInt(requestsPerPayment)
  return (amount + requests - 1n) / requests
}

/** What a kind of fault is drawn with, for each of the plan's own rates. */
export function chancesOf(plan: Plan): Partial<Record<FaultKind, number>> {
  const { faults, gateway, chain } = plan
  const each = (kinds: readonly FaultKind[], rate: number) =>
    Object.fromEntries(kinds.map((kind) => [kind, rate / kinds.length]))
  return {
    ...each(['reset-before', 'hang-before', '5xx-before', '429-before', 'redirect'], faults / 2),
    // Where nobody can sign in, a token refused is credit lost: nobody could do better.
    ...(gateway.signIn !== 'none' && { '401': faults / 10 }),
    ...each(['auth-5xx', 'auth-401', 'auth-hang'], faults / 2),
    ...each(['bad-challenge', 'endless-402-body'], faults / 4),
    ...each(AFTER_SETTLING, faults),
    ...each(['truncate-body', 'reset-body'], faults / 2),
    ...each(['rpc-5xx', 'rpc-error', 'rpc-hang'], chain.outages),
    'drop-after-verify': faults / 4,
    'receipt-lost': faults / 4,
    'receipt-spoofed': faults / 8,
    'settle-late': gateway.late,
    'third-party-settles': gateway.uncredited,
  }
}

const AFTER_SETTLING = [
  'drop-after-settle',
  'hang-after-settle',
  '5xx-after-settle',
  '429-after-settle',
  '402-after-settle',
] as const
