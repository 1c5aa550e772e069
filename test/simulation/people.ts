import { isARouterError } from '../../packages/sdk/src/errors'
import { type ClientProcess, type Surroundings, startProcess } from './ClientProcess'
import { isClosed } from './ledger'
import type { Call, World } from './World'

/** A place where a client runs; when it dies another is started there after a while. */
export type Place = { process: ClientProcess; starts: number }

/** The longest a call may take, and the longest it may go on after its caller has gone, in ms. */
const LONGEST_CALL_MS = 1_200_000
const LONGEST_AFTER_ABORT_MS = 5_000

export function openPlace(index: number, surroundings: Surroundings): Place {
  const place: Place = { process: startProcess(`P${index}.0`, surroundings), starts: 1 }
  return place
}

/** Waits until a client runs at `place`, starting one if the last has died. */
export async function atWork(place: Place, surroundings: Surroundings): Promise<ClientProcess> {
  if (place.process.isAlive()) return place.process
  const { timeline, chance } = surroundings.world
  await timeline.pass(chance.between(0, 20_000))
  if (!place.process.isAlive()) {
    const name = `${place.process.name.split('.')[0]}.${place.starts++}`
    place.process = startProcess(name, surroundings)
  }
  return place.process
}

/** One caller: some requests, each tried again after a failure, as people do. */
export async function live(place: Place, surroundings: Surroundings): Promise<void> {
  const { world } = surroundings
  const { plan, chance, timeline } = world
  for (let request = 0; request < plan.requestsPerCaller; request++) {
    for (let tries = 0; tries < plan.triesPerRequest; tries++) {
      if (plan.callers < 20) await timeline.pass(chance.between(0, 200))
      const process = await atWork(place, surroundings)
      if (world.goesWrong(plan.reconciles)) void reconcile(process, world)
      const call = await request1(process, world)
      if (call.end === 'answer' || call.end === 'refusal') break
      if (world.goesWrong(plan.writeOffs)) await giveUp(process, world)
      await timeline.pass(chance.between(0, 90_000))
    }
    await timeline.pass(chance.between(0, plan.pause))
  }
}

/** One request to the end: its answer, its error, or the death of its process. */
export async function request1(process: ClientProcess, world: World): Promise<Call> {
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
  call.end = await Promise.race([exchange(process, call, world), lost])
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

async function exchange(process: ClientProcess, call: Call, world: World): Promise<Call['end']> {
  let response: Response
  try {
    response = await process.send(`/call/${call.id}`, call.signal)
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
    if (text !== `{"call":${call.id}}`) world.fail('another answer', `call ${call.id}: ${text}`)
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
  if (call.abortedAt !== undefined && error.name !== 'AbortError') world.count('abort: other error')
  const mine = [...call.presented].flatMap((nonce) => world.payments.get(nonce) ?? [])
  const now = world.timeline.now()
  // What the journal has closed was for an earlier need, and told of then.
  const open = mine.filter((payment) => !isClosed(world, payment))
  const mayMove = open.some(
    ({ everSettled, validBefore }) => everSettled || now < validBefore * 1000,
  )
  if (error.fundsMoved === 'no' && mayMove) {
    world.fail('says no funds moved', `call ${call.id}: ${error.code}`)
  }
  const moved = [...world.payments.values()].some(({ everSettled }) => everSettled)
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
