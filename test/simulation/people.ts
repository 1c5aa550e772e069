import { isARouterError } from '../../packages/sdk/src/errors'
import { type ClientProcess, startProcess } from './ClientProcess'
import { mayMove } from './ledger'
import type { Surroundings } from './Wire'
import type { Call, World } from './World'

/** A place where a client runs; when it dies another is started there after a while. */
type Place = { process: ClientProcess; starts: number }

/** The longest a call may take, and the longest it may go on after its caller has gone, in ms. */
const LONGEST_CALL_MS = 1_200_000
const LONGEST_AFTER_ABORT_MS = 5_000

/** Past the end of every signature, and of every lease. */
const UNTIL_DECIDABLE_MS = 300_000
const HEALING_TRIES = 4

/** All that the callers of a schedule do; then, with no more faults, one call more. */
export async function play(surroundings: Surroundings): Promise<void> {
  const { world, wire } = surroundings
  const { plan } = world
  const places = Array.from({ length: plan.processes }, (_, index) =>
    openPlace(index, surroundings),
  )
  const lives = places.flatMap((place) =>
    Array.from({ length: plan.callers }, () => live(place, surroundings)),
  )
  await Promise.all(lives)
  world.calm = true
  world.log(() => '-- all faults end')
  wire.calm()
  await wire.rest(UNTIL_DECIDABLE_MS)
  const [place] = places
  if (place) await heal(place, surroundings)
}

// Once nothing goes wrong any more a call is answered, or says why that needs a person.
async function heal(place: Place, surroundings: Surroundings): Promise<void> {
  const { world, wire } = surroundings
  for (let tries = 0; tries < HEALING_TRIES; tries++) {
    const call = await request1(await atWork(place, surroundings), surroundings)
    if (call.end === 'answer' || mayStayOpen(world)) return
    await wire.rest(70_000)
  }
  world.fail('never heals', JSON.stringify(world.counts))
}

function mayStayOpen({ plan, counts, payments, timeline }: World): boolean {
  const { gateway, chain } = plan
  // By a clock that nobody corrects, nothing that is signed is valid.
  if (!gateway.dates && (plan.skew !== 0 || counts['clock jump'])) return true
  // Nobody to ask, or money that moved and that no credit tells of: a person must say.
  if (plan.rpc === 0) return true
  // A server that has forgotten the day of a payment cannot say that it is not there.
  if (plan.wallets.includes('solana') && chain.history === 'pruned') return true
  const all = [...payments.values()]
  // By a clock that had jumped, it was made valid for longer than it should be.
  if (all.some((payment) => payment.leftAt !== undefined && mayMove(payment, timeline.now())))
    return true
  // Who claims payments that were none knows no wallet by them.
  if (all.some(({ claimedAt }) => claimedAt !== undefined) && counts['error: authentication_error'])
    return true
  const isSaidToHaveMoved = all.some(({ everSettled, claimedAt }) => everSettled || claimedAt)
  if (isSaidToHaveMoved && counts['error: paid_but_failed']) return true
  return counts['error: budget_exceeded'] !== undefined
}

function openPlace(index: number, surroundings: Surroundings): Place {
  const place: Place = { process: startProcess(`P${index}.0`, surroundings), starts: 1 }
  return place
}

/** Waits until a client runs at `place`, starting one if the last has died. */
async function atWork(place: Place, surroundings: Surroundings): Promise<ClientProcess> {
  if (place.process.isAlive()) return place.process
  const { world, wire } = surroundings
  await wire.rest(world.chance.between(0, 20_000))
  if (!place.process.isAlive()) {
    const name = `${place.process.name.split('.')[0]}.${place.starts++}`
    place.process = startProcess(name, surroundings)
  }
  return place.process
}

/** One caller: some requests, each tried again after a failure, as people do. */
async function live(place: Place, surroundings: Surroundings): Promise<void> {
  const { world, wire } = surroundings
  const { plan, chance, timeline } = world
  for (let request = 0; request < plan.requestsPerCaller; request++) {
    for (let tries = 0; tries < plan.triesPerRequest; tries++) {
      if (plan.callers < 20) await timeline.pass(chance.between(0, 200))
      const process = await atWork(place, surroundings)
      if (world.goesWrong(plan.reconciles)) void reconcile(process, world)
      const call = await request1(process, surroundings)
      if (call.end === 'answer' || call.end === 'refusal') break
      if (world.goesWrong(plan.writeOffs)) await giveUp(process, world)
      await wire.rest(chance.between(0, 90_000))
    }
    await wire.rest(chance.between(0, plan.pause))
  }
}

/** One request to the end: its answer, its error, or the death of its process. */
async function request1(process: ClientProcess, surroundings: Surroundings): Promise<Call> {
  const { world } = surroundings
  const { timeline, chance, plan } = world
  const controller = plan.aborts > 0 ? new AbortController() : undefined
  const call: Call = {
    id: world.calls.length,
    process: process.name,
    startedAt: timeline.now(),
    signal: controller?.signal,
    presented: new Set(),
  }
  world.calls.push(call)
  world.log(() => `${process.name} call ${call.id}`)
  if (controller && world.goesWrong(plan.aborts)) {
    timeline.after(chance.between(0, 30_000), () => {
      if (call.end !== undefined || !process.isAlive()) return
      call.abortedAt = timeline.now()
      world.log(() => `${process.name} call ${call.id} is aborted`)
      controller.abort()
    })
  }
  const lost = process.death.then(() => 'lost' as const)
  call.end = await Promise.race([exchange(process, call, surroundings), lost])
  world.log(() => `${process.name} call ${call.id} ends: ${call.end}`)
  world.count(`call: ${call.end}`)
  const took = timeline.now() - call.startedAt
  if (took > LONGEST_CALL_MS) world.fail('slow', `call ${call.id} took ${took / 1000} s`)
  const late = timeline.now() - (call.abortedAt ?? timeline.now())
  if (late > LONGEST_AFTER_ABORT_MS && call.end === 'error') {
    world.fail('abort ignored', `call ${call.id} for ${late / 1000} s`)
  }
  return call
}

async function exchange(
  process: ClientProcess,
  call: Call,
  { world, wire }: Surroundings,
): Promise<Call['end']> {
  let response: Response
  try {
    response = await process.send(call.id, call.signal)
  } catch (error) {
    judge(error, call, world)
    return 'error'
  }
  if (!response.ok) {
    await response.body?.cancel()
    return 'refusal'
  }
  // Some callers look at the status alone.
  if (world.goesWrong(0.05)) return 'answer'
  try {
    const text = await response.text()
    if (!wire.answers(text, call.id)) world.fail('another answer', `call ${call.id}: ${text}`)
    return 'answer'
  } catch {
    return 'cut'
  }
}

// Each error is one of ours, and true about funds.
function judge(error: unknown, call: Call, world: World): void {
  world.log(() => `   ${error instanceof Error ? `${error.name}: ${error.message}` : error}`)
  if (!isARouterError(error)) {
    world.fail('untyped error', error instanceof Error ? String(error.stack) : String(error))
    return
  }
  world.count(`error: ${error.code}`)
  if (error.code === 'store_unreadable') world.fail('unreadable', error.message)
  if (call.abortedAt !== undefined && error.name !== 'AbortError') world.count('abort: other error')
  const now = world.timeline.now()
  // What the journal has closed was for an earlier need, and told of then.
  const open = [...call.presented].filter(({ closed }) => !closed)
  const mayMove = open.some(
    ({ everSettled, failedAt, endsAt }) => everSettled || (failedAt === undefined && now < endsAt),
  )
  if (error.fundsMoved === 'no' && mayMove) {
    world.fail('says no funds moved', `call ${call.id}: ${error.code}`)
  }
  const moved = [...world.payments.values()].some(
    ({ everSettled, claimedAt }) => everSettled || claimedAt !== undefined,
  )
  if (error.fundsMoved === 'yes' && !moved) {
    world.fail('says funds moved', `call ${call.id}: ${error.code}`)
  }
  const left = [...world.payments.values()].some(({ leftAt }) => leftAt !== undefined)
  if (error.fundsMoved === 'maybe' && !left && world.plan.warm === 'no') {
    world.count('says maybe, nothing was sent')
  }
}

async function reconcile(process: ClientProcess, world: World): Promise<void> {
  try {
    await process.books.payments.reconcile()
  } catch (error) {
    if (!isARouterError(error)) world.fail('untyped error', `reconcile: ${error}`)
  }
}

// What a person does who is told that a payment is not known to have arrived.
async function giveUp(process: ClientProcess, world: World): Promise<void> {
  const work = async () => {
    try {
      const [open] = await process.books.payments.list()
      if (open?.state === 'unknown' || open?.state === 'refused') {
        world.count('written off')
        await process.books.payments.writeOff(open.id)
      }
    } catch (error) {
      if (!isARouterError(error)) world.fail('untyped error', `writeOff: ${error}`)
    }
  }
  await Promise.race([work(), process.death])
}
