import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MockGateway, PaymentRecord } from '@arouter/mock-gateway'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedRedis } from '../store/sharedRedis'
import { startGateway } from '../support/harness'
import { clientOf, createOpener, type Opener, readBooks } from './openBooks'
import { type Agent, type AgentScript, buildAgent, startAgent } from './startAgent'
import type { Done, Place, Task } from './tasks'

const KILLS = 250
/** How many of them come at a moment of their own, and not at a step. */
const AT_RANDOM = 70
/** How many are killed at a time. */
const LANES = 4
/** How many are killed before they are finished. */
const AT_ONCE = 50
/** Orders that share a file store: enough to meet, not so many that reading it takes long. */
const PER_FOLDER = 10
const PRICE = 1_000_000n

const redis = sharedRedis()
const prefix = redis.fresh()
const folder = mkdtempSync(join(tmpdir(), 'arouter-killed-'))
let script: AgentScript
let opener: Opener

beforeAll(async () => {
  await redis.start()
  script = await buildAgent()
  opener = await createOpener(redis.place)
})

afterAll(async () => {
  opener.close()
  await redis.remove()
  script.remove()
  rmSync(folder, { recursive: true })
})

const places: Readonly<Record<Place['kind'], (order: number) => Place>> = {
  file: (order) => ({ kind: 'file', folder: join(folder, String(Math.floor(order / PER_FOLDER))) }),
  redis: () => ({ kind: 'redis', at: redis.place, prefix }),
}

/** What became of one order. */
type Fate = {
  readonly task: Task
  /** The signal that the first process ended by. */
  readonly signal: NodeJS.Signals | null
  /** What the gateway had been paid, and what the books counted, once the first process was dead. */
  readonly left: { readonly paid: bigint; readonly counted: bigint }
  /** What the second process came to. */
  readonly done: Done
}

const total = (payments: readonly PaymentRecord[]) =>
  payments.reduce((sum, { amount }) => sum + amount, 0n)

for (const [kind, placeOf] of Object.entries(places)) {
  test(`an order whose process is killed is finished by another one, paid once, ${KILLS} times on the ${kind} store`, async () => {
    // Both ways a gateway may take a signature it has seen before.
    const gateways = [
      await startGateway({ replay: 'reject' }),
      await startGateway({ replay: 'idempotent' }),
    ]
    const gatewayOf = (id: number) => gateways[id % gateways.length] as MockGateway // within its length
    const orderOf = (id: number): Task => ({
      id,
      gateway: gatewayOf(id).url,
      key: generatePrivateKey(),
      place: placeOf(id),
      calls: 1,
    })
    const paymentsBy = ({ id, key }: Task) => {
      const { address } = privateKeyToAccount(key)
      return gatewayOf(id).state.payments.filter(({ payer }) => payer === address)
    }

    const finisher = await startAgent(script)
    const whole = await finisher.run(orderOf(KILLS))
    if (whole === 'killed') throw new Error('the process that finishes was killed')

    const leave = async (task: Task) => {
      const signal = await die(await startAgent(script), task, deathOf(task.id, whole))
      // In this order: what is paid later than it is looked at must be in the books all the same.
      const paid = total(paymentsBy(task))
      const { counted } = await readBooks(clientOf(task, opener.open(task.place)))
      return { task, signal, left: { paid, counted } }
    }
    const finish = async (order: Omit<Fate, 'done'>): Promise<Fate> => {
      const done = await finisher.run(order.task)
      if (done === 'killed') throw new Error('the process that finishes was killed')
      return { ...order, done }
    }
    // Killing keeps the machine busy, and it is the finishing that is timed: so not both at once. Nor
    // one long after the other: of a payment that was left a minute ago nobody waits for a sign of life.
    const fates: Fate[] = []
    for (let id = 0; id < KILLS; id += AT_ONCE) {
      const orders = Array.from({ length: Math.min(AT_ONCE, KILLS - id) }, (_, at) =>
        orderOf(id + at),
      )
      fates.push(...(await abreast(await abreast(orders, leave), finish)))
    }
    await finisher.kill()

    expect(fates).toHaveLength(KILLS)
    for (const { task, signal, left, done } of fates) {
      const told = `order ${task.id} of ${JSON.stringify(deathOf(task.id, whole))}`
      expect(signal, told).toBe('SIGKILL')
      expect(left.counted, told).toBeGreaterThanOrEqual(left.paid)
      expect(done, told).toMatchObject({ answered: 1, errors: {} })
      expect(total(paymentsBy(task)), told).toBe(PRICE)
      const books = await readBooks(clientOf(task, opener.open(task.place)))
      expect(books, told).toEqual({ counted: PRICE, standing: 1 })
    }
    for (const { state } of gateways) {
      expect(state.conservation().filter(({ holds }) => !holds)).toEqual([])
    }
    report(kind, fates, whole)
  }, 600_000)
}

/** `act` on all of `items`, some at a time. */
async function abreast<I, O>(items: readonly I[], act: (item: I) => Promise<O>): Promise<O[]> {
  const left = [...items.entries()]
  const done: O[] = []
  const lane = async () => {
    for (let entry = left.shift(); entry; entry = left.shift()) done[entry[0]] = await act(entry[1])
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return done
}

type Death = { readonly step: number } | { readonly after: number }

// First at every step of an order in turn, then at any moment of one and a little after.
function deathOf(id: number, { steps, took }: Done): Death {
  const atSteps = KILLS - AT_RANDOM
  if (id < atSteps)
    return { step: 1 + (Math.floor((id * Math.max(steps, atSteps)) / atSteps) % steps) }
  return { after: ((id - atSteps) / AT_RANDOM) * took * 1.5 }
}

/** Runs `task` until its process is dead; resolves to the signal that ended it. */
async function die(agent: Agent, task: Task, death: Death): Promise<NodeJS.Signals | null> {
  let done: Promise<Done | 'killed'> | undefined
  await new Promise<void>((begun) => {
    done = agent.run('step' in death ? { ...task, diesAt: death.step } : task, begun)
    done.then(() => begun())
  })
  // A busy disk can make it fewer steps than the trial was: then it dies once it is done.
  await ('after' in death ? new Promise((resolve) => setTimeout(resolve, death.after)) : done)
  return agent.kill()
}

function report(kind: string, fates: readonly Fate[], whole: Done): void {
  const paid = fates.filter(({ left }) => left.paid > 0n).length
  const times = (of: (fate: Fate) => number) => {
    const sorted = fates.map(of).sort((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
    return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms`
  }
  process.stdout.write(
    [
      `${kind}: ${fates.length} kills over ${whole.steps} steps, ${paid} of them after the payment`,
      `  recovered in ${times(({ done }) => done.took)}\n`,
    ].join('\n'),
  )
}
