import type { Surroundings } from './ClientProcess'
import { createChain } from './chain'
import { createGateway } from './gateway'
import { createLedger } from './ledger'
import { createNetwork } from './network'
import { auditBooks } from './oracles'
import { atWork, live, openPlace, type Place, request1 } from './people'
import type { Plan } from './plan'
import type { Platform } from './platform'
import { createWorld, NETWORK, ORIGIN, PAY_TO, PAYER, type Violation, type World } from './World'

export type Outcome = {
  readonly violations: readonly Violation[]
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>
}

const MOST_STEPS = 400_000
/** Past the end of every signature, and of every lease. */
const UNTIL_DECIDABLE_MS = 240_000
const HEALING_TRIES = 4

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
  const world = createWorld(plan, platform, trace)
  current = world
  const chain = createChain(world)
  const ledger = createLedger(world)
  const gateway = createGateway(world, chain)
  const network = createNetwork(world, gateway, ledger)
  const surroundings: Surroundings = { world, chain, network, ledger }
  if (plan.warm !== 'no') warmUp(world, gateway.issue())
  let isOver = false
  const script = play(surroundings).finally(() => {
    isOver = true
  })
  script.catch((error) => world.fail('simulator', String(error?.stack)))
  const end = await world.timeline.run(() => isOver, MOST_STEPS)
  if (end !== 'done') world.fail(end === 'idle' ? 'a caller is left waiting' : 'endless', end)
  auditBooks(world)
  return { violations: world.violations, counts: world.counts }
}

async function play(surroundings: Surroundings): Promise<void> {
  const { world } = surroundings
  const { plan, timeline } = world
  const places = Array.from({ length: plan.processes }, (_, index) =>
    openPlace(index, surroundings),
  )
  const lives = places.flatMap((place) =>
    Array.from({ length: plan.callers }, () => live(place, surroundings)),
  )
  await Promise.all(lives)
  world.calm = true
  world.log(() => '-- all faults end')
  await timeline.pass(UNTIL_DECIDABLE_MS)
  const [place] = places
  if (place) await heal(place, surroundings)
}

// Once nothing goes wrong any more a call is answered, or says why that needs a person.
async function heal(place: Place, surroundings: Surroundings): Promise<void> {
  const { world } = surroundings
  for (let tries = 0; tries < HEALING_TRIES; tries++) {
    const call = await request1(await atWork(place, surroundings), world)
    if (call.end === 'answer' || mayStayOpen(world)) return
    await world.timeline.pass(70_000)
  }
  world.fail('never heals', JSON.stringify(world.counts))
}

function mayStayOpen({ plan, counts, payments }: World): boolean {
  // By a clock that nobody corrects, nothing that is signed is valid.
  if (!plan.gateway.dates && (plan.skew !== 0 || counts['clock jump'])) return true
  // Nobody to ask, or money that moved and that no credit tells of: a person must say.
  if (!plan.rpc) return true
  const all = [...payments.values()]
  if (all.some(({ everSettled }) => everSettled) && counts['error: paid_but_failed']) return true
  return counts['error: budget_exceeded'] !== undefined
}

// A wallet that paid here before, with credit left.
function warmUp(world: World, jwt: string): void {
  const { values, plan } = world
  world.credit = plan.gateway.requestsPerPayment
  values.set(`attempt/${ORIGIN}/${PAYER}/before`, {
    v: 1,
    id: 'before',
    state: 'settled',
    origin: ORIGIN,
    from: PAYER,
    network: NETWORK,
    amount: '1',
    payTo: PAY_TO,
    createdAt: world.timeline.now() - 3_600_000,
    changedAt: world.timeline.now() - 3_600_000,
    worker: 'earlier',
    beat: 0,
    lease: 0,
  })
  values.set(`pin/${ORIGIN}/${NETWORK}`, PAY_TO)
  if (plan.warm === 'token' || plan.gateway.signIn === 'none') {
    values.set(`session/${ORIGIN}/${PAYER}`, { v: 1, jwt, exp: null })
  }
}
