import type { MockGateway, MockGatewayOptions } from '@arouter/mock-gateway'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedRedis } from '../store/sharedRedis'
import { startGateway } from '../support/harness'
import { clientOf, createOpener, type Opener, readBooks } from './openBooks'
import { type AgentScript, buildAgent, startAgent } from './startAgent'
import type { Done, Task } from './tasks'

const PROCESSES = 16
const LIMIT = 5_000_000n

const redis = sharedRedis()
let script: AgentScript
let opener: Opener

beforeAll(async () => {
  await redis.start()
  script = await buildAgent()
  opener = await createOpener(redis.place)
})

afterAll(async () => {
  opener.close()
  script.remove()
  await redis.remove()
})

/** One wallet with a budget of $5, at a gateway that asks $1 whenever credit is used up. */
async function startFleet(calls: number, options: MockGatewayOptions) {
  // Every request is looked at in the end.
  const gateway = await startGateway({ topUps: ['$1'], history: 1_000_000, ...options })
  const task: Task = {
    id: 0,
    gateway: gateway.url,
    key: generatePrivateKey(),
    place: { kind: 'redis', at: redis.place, prefix: redis.fresh() },
    calls,
    limit: '$5',
  }
  const client = clientOf(task, opener.open(task.place))
  const outcomes: (Done | 'killed')[] = []
  return {
    gateway,
    outcomes,
    books: () => readBooks(client),
    /** Runs a process to its end, or kills it `after` so many milliseconds of its calls. */
    live: async (after?: number) => {
      const agent = await startAgent(script)
      const timers: NodeJS.Timeout[] = []
      const outcome = await agent.run(task, () => {
        if (after !== undefined) timers.push(setTimeout(() => void agent.kill(), after))
      })
      for (const timer of timers) clearTimeout(timer)
      await agent.kill()
      outcomes.push(outcome)
      return outcome
    },
  }
}

/** How many different signed payments ever reached the gateway. */
function paymentsSent({ state }: MockGateway): number {
  const sent = state.requests.flatMap(({ credentials }) => credentials['payment-signature'] ?? [])
  return new Set(sent).size
}

function tally(outcomes: readonly (Done | 'killed')[]) {
  const done = outcomes.filter((outcome) => outcome !== 'killed')
  const errors: Record<string, number> = {}
  for (const [code, count] of done.flatMap((outcome) => Object.entries(outcome.errors))) {
    errors[code] = (errors[code] ?? 0) + count
  }
  return {
    killed: outcomes.length - done.length,
    answered: done.reduce((sum, { answered }) => sum + answered, 0),
    errors,
  }
}

/** Looks at `books` until `work` has ended; resolves to the most that they ever counted. */
async function highest(books: () => Promise<{ counted: bigint }>, work: Promise<unknown>) {
  let most = 0n
  let isOver = false
  const end = () => {
    isOver = true
  }
  work.then(end, end)
  while (!isOver) {
    const { counted } = await books()
    if (counted > most) most = counted
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await work
  return most
}

test(`${PROCESSES} processes of 5 calls that cost $1 each spend $5 of a budget of $5, and all else is told so`, async () => {
  // Without sessions no call can live on what another one has paid.
  const fleet = await startFleet(5, { price: '$1', signIn: 'off', receipt: 'no-jwt' })
  const work = Promise.all(Array.from({ length: PROCESSES }, () => fleet.live()))
  expect(await highest(fleet.books, work)).toBe(LIMIT)
  expect(tally(fleet.outcomes)).toEqual({ killed: 0, answered: 5, errors: { budget_exceeded: 75 } })
  expect(paymentsSent(fleet.gateway)).toBe(5)
  expect(fleet.gateway.state.counts().settled).toBe(LIMIT)
}, 120_000)

test(`${PROCESSES} processes of 1,000 calls at once, killed at random and started anew, never pass a budget of $5`, async () => {
  const fleet = await startFleet(1_000, { price: '$0.0004' })
  // At every other place two are killed, each at a moment of its own, before one may end its work.
  const place = async (at: number) => {
    if (at % 2 === 0) {
      await fleet.live(Math.random() * 1_500)
      await fleet.live(Math.random() * 4_000)
    }
    await fleet.live()
  }
  const begun = performance.now()
  const work = Promise.all(Array.from({ length: PROCESSES }, (_, at) => place(at)))
  expect(await highest(fleet.books, work)).toBe(LIMIT)
  const { killed, answered, errors } = tally(fleet.outcomes)
  const { requests, settled } = fleet.gateway.state.counts()
  expect(settled).toBe(LIMIT)
  expect(paymentsSent(fleet.gateway)).toBe(5)
  expect(killed).toBeGreaterThanOrEqual(PROCESSES / 2)
  expect(errors.budget_exceeded).toBeGreaterThan(0)
  // A machine that is too busy for so many may fail to be reached; nothing else goes wrong.
  const { budget_exceeded: refused = 0, connection_error: unreached = 0, ...others } = errors
  expect(others).toEqual({})
  expect(answered + refused + unreached).toBe((fleet.outcomes.length - killed) * 1_000)
  const seconds = Math.round((performance.now() - begun) / 1_000)
  process.stdout.write(
    `fleet: ${fleet.outcomes.length} processes, ${killed} killed; ${requests} requests, ${answered} answered, ${refused} over budget, ${unreached} unreached; 5 payments, overshoot ${settled - LIMIT} units; ${seconds} s\n`,
  )
}, 600_000)
