import { createChain } from './chain'
import { createGateway, type Gateway } from './gateway'
import type { Holder } from './Holder'
import { createLedger } from './ledger'
import { createNetwork } from './network'
import { auditBooks } from './oracles'
import { play } from './people'
import type { Plan } from './plan'
import type { Platform } from './platform'
import { createRpc, rpcUrls } from './rpc'
import { openSimulatedWallet } from './simulatedWallet'
import { createTimeline } from './Timeline'
import type { Wire } from './Wire'
import { createWorld, EVM, ORIGIN, SOLANA, START, type Violation, type World } from './World'

export type Outcome = {
  readonly violations: readonly Violation[]
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>
}

const MOST_STEPS = 400_000

let current: World | undefined

/** Tells of promises that reject unobserved, for as long as the process lives. */
export function watchUnhandled(): void {
  process.on('unhandledRejection', (reason) => {
    current?.fail('unhandled', reason instanceof Error ? String(reason.stack) : String(reason))
  })
}

/** Runs one schedule to its end and puts what happened before the oracles. */
export async function simulate(
  plan: Plan,
  platform: Platform,
  trace?: (line: string) => void,
): Promise<Outcome> {
  const holders = plan.wallets.map((namespace) => (namespace === 'solana' ? SOLANA : EVM))
  const timeline = createTimeline(START)
  const world = createWorld(plan, { platform, holders, timeline }, trace)
  current = world
  platform.keepTime(timeline)
  const chain = createChain(world)
  const ledger = createLedger(world)
  const gateway = createGateway(world, chain)
  const network = createNetwork(world, gateway, createRpc(world, chain), ledger)
  const wire: Wire = {
    origin: ORIGIN,
    rpc: Object.fromEntries(
      world.holders.map(({ network: id }) => [id, rpcUrls(id, plan.rpc)] as const),
    ),
    request: (call) => ({ path: `/call/${call}`, init: {} }),
    answers: (text, call) => text === `{"call":${call}}`,
    send: network.send,
    calm: () => undefined,
    rest: timeline.pass,
    openWallets: (name, touch) =>
      world.holders.map((holder) => openSimulatedWallet(holder, name, touch, world, chain, ledger)),
  }
  if (plan.warm !== 'no') warmUp(world, gateway)
  let isOver = false
  const script = play({ world, ledger, wire }).finally(() => {
    isOver = true
  })
  script.catch((error) => world.fail('simulator', String(error?.stack)))
  const end = await timeline.run(() => isOver, MOST_STEPS)
  if (end !== 'done') world.fail(end === 'idle' ? 'a caller is left waiting' : 'endless', end)
  auditBooks(world)
  return { violations: world.violations, counts: world.counts }
}

// A wallet that paid here before, with credit left.
function warmUp(world: World, gateway: Gateway): void {
  const { values, plan, holders, credit } = world
  const holder = holders[plan.warmWallet]
  if (!holder) throw new TypeError('the warm wallet is one of the wallets')
  credit.set(holder.address, plan.gateway.requestsPerPayment)
  const jwt = gateway.issue(holder)
  storeTrace(world, holder, ORIGIN)
  if (plan.warm === 'token' || plan.gateway.signIn === 'none') {
    values.set(holder.keys.session, { v: 1, jwt, exp: null })
  }
}

/** What the store of a wallet tells that has paid at `origin` an hour ago. */
export function storeTrace({ values, timeline }: World, holder: Holder, origin: string): void {
  const { keys, address, network, payTo } = holder
  const at = timeline.now() - 3_600_000
  values.set(`${keys.archive}before`, {
    v: 1,
    id: 'before',
    state: 'settled',
    origin,
    from: address,
    network,
    amount: '1',
    payTo,
    createdAt: at,
    changedAt: at,
    worker: 'earlier',
    beat: 0,
    lease: 0,
  })
  const payee = payTo.startsWith('0x') ? payTo.toLowerCase() : payTo
  values.set(`pin/${origin}/${network}`, payee)
}
