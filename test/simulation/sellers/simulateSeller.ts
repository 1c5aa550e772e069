import { makeDigestInstant } from '../../support/instantDigest'
import type { Platform } from '../platform'
import type { Outcome } from '../simulate'
import { aixbt } from './aixbt'
import { anySeller } from './anySeller'
import { key0 } from './key0'
import { createNetwork } from './network'
import { type Process, startProcess } from './Process'
import type { SellerPlan, SystemName } from './plan'
import { createScene, type Scene } from './Scene'
import type { System } from './System'
import { solrouter } from './solrouter'
import { createWishes, type Wishes } from './Wishes'

const MOST_STEPS = 100_000
/** By then every signature has ended, and every refund is made. */
const LONG_MS = 1_000_000
/** How often everything is asked for at the end. */
const ROUNDS = 6

const systems: Readonly<Record<SystemName, (scene: Scene, wishes: Wishes) => System>> = {
  x402: anySeller,
  aixbt,
  key0,
  solrouter,
}

makeDigestInstant()
let current: Scene | undefined

/** Tells of promises that reject unobserved, for as long as the process lives. */
export function watchUnhandled(): void {
  process.on('unhandledRejection', (reason) => {
    current?.fail('unhandled', reason instanceof Error ? String(reason.stack) : String(reason))
  })
}

/** Runs one schedule to its end and puts what happened before the oracles. */
export async function simulateSeller(
  plan: SellerPlan,
  platform: Platform,
  trace?: (line: string) => void,
): Promise<Outcome> {
  const scene = createScene(plan, platform, trace)
  current = scene
  const { timeline, chance, violations, counts } = scene
  platform.keepTime(timeline)
  const wishes = createWishes(scene)
  const system = systems[plan.system](scene, wishes)
  const network = createNetwork(scene, system)
  const start = (name: string) => startProcess(name, scene, network)

  const play = async () => {
    const processes = Array.from({ length: plan.processes }, (_, at) => start(`P${at}`))
    const calls = Array.from({ length: plan.calls }, async () => {
      await timeline.pass(chance.between(0, 3_000) * chance.pick(0, 1, 30))
      const at = chance.between(0, plan.processes - 1)
      const standing = processes[at]
      if (!standing) return
      const process = standing.isAlive() ? standing : start(`${standing.name}'`)
      processes[at] = process
      await Promise.race([system.want(process), process.death])
    })
    await Promise.all(calls)
    // All is well from here on: what was bought is there, and every need is decided.
    scene.calm = true
    await timeline.pass(LONG_MS)
    // Access that was renewed is found again one purchase at a time, each by a process that has not just bought it.
    for (let round = 1; round < ROUNDS; round++) await wishes.wishAgain(start(`late ${round}`))
    const last = start('last')
    await wishes.wishAgain(last)
    await last.wallet.payments.reconcile()
    await audit(scene, system, wishes, last)
  }

  let isOver = false
  const script = play().finally(() => {
    isOver = true
  })
  script.catch((error) => scene.fail('simulator', String(error?.stack)))
  const end = await timeline.run(() => isOver, MOST_STEPS)
  if (end !== 'done') scene.fail(end === 'idle' ? 'a caller is left waiting' : 'endless', end)
  return { violations, counts }
}

async function audit(
  scene: Scene,
  system: System,
  { isToldLost }: Wishes,
  { wallet }: Process,
): Promise<void> {
  const { plan, counts, signed, fail } = scene
  const settled = [...signed.values()].filter((paid) => paid.settled)
  for (const paid of settled) {
    const { thing, deliveredAt, arrived, isForNothing, nonce } = paid
    if (deliveredAt !== undefined || !thing || (isForNothing && arrived)) continue
    // Its process died with the answer in hand.
    if (thing.kind === 'single' && arrived && counts.crash) continue
    if (!isToldLost(thing.name)) fail('lost', `${nonce} for ${thing.name}`)
    else if (system.canBeHad(paid)) fail('lost, and could be had', `${nonce} for ${thing.name}`)
    else if (arrived && !counts.crash && !plan.storeFaults) fail('lost, and had come', nonce)
  }
  const entries = await wallet.payments.list()
  const [budget] = await wallet.budget.status()
  const booked = entries.filter(({ state }) => state === 'settled').length
  if (booked !== settled.length) fail('books differ', `${settled.length} settled, ${booked} booked`)
  const spent = settled.reduce((sum, { amount }) => sum + amount, 0n)
  const counted = (budget?.spent ?? 0n) + (budget?.reserved ?? 0n)
  if (counted < spent) fail('budget forgets', `${counted} of ${spent}`)
  // What a crash or a failing store left behind stays counted, to be safe.
  const isWhole = !counts.crash && !plan.storeFaults
  if (isWhole && counted > spent) fail('budget counts too much', `${counted} of ${spent}`)
}
