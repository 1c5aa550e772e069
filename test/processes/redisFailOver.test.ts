import { type NodeRedisClient, redisStore } from '@arouter/sdk/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeRedisAt } from '../store/nodeRedisAt'
import { type RedisGroup, redisGroup } from '../store/redisGroup'
import { HELLO, payingClient, startGateway } from '../support/harness'

/** How many scripts it takes to sign in, pay and be answered: a fail-over comes at each of them. */
const FEWEST_STEPS = 8
const TRIES = 10

let group: RedisGroup
let connection: ReturnType<typeof nodeRedisAt>

beforeAll(async () => {
  group = await redisGroup()
  await group.start()
  connection = nodeRedisAt(group.socket)
  connection.on('error', () => undefined) // the store hears of it
  await connection.connect()
})

afterAll(async () => {
  connection.destroy()
  await group.remove()
})

/** The connection, and a fail-over that begins while script `at` is under way. */
function failingAt(at: number) {
  const steps = { count: 0, over: Promise.resolve() }
  const client: NodeRedisClient = {
    sendCommand: (words) => {
      const answer = connection.sendCommand(words)
      if (words[0] === 'EVAL' && ++steps.count === at) steps.over = group.failOver()
      return answer
    },
  }
  return { client, steps }
}

test('a fail-over at any step of a payment ends in one payment, and all of it is counted', async () => {
  const gateway = await startGateway()
  let at = 1
  for (let reached = true; reached; at++) {
    const { client: redis, steps } = failingAt(at)
    const store = redisStore(redis, { prefix: `step ${at}`, waitReplicas: 1, timeout: 3_000 })
    const { client, signed, account } = payingClient(gateway, { store })
    const call = () => client.chatCompletion(HELLO)
    let answer = await call().catch((error: unknown) => error)
    for (let tries = 0; tries < TRIES && answer instanceof Error; tries++) {
      expect(answer).toMatchObject({ code: 'store_failed' })
      await steps.over
      answer = await call().catch((error: unknown) => error)
    }
    await steps.over
    const trail = `at step ${at}`
    expect(answer, trail).toMatchObject({ choices: expect.any(Array) })
    const paid = gateway.state.payments.filter(({ payer }) => payer === account.address)
    expect(paid, trail).toHaveLength(1)
    expect(signed.transfers, trail).toBeLessThanOrEqual(2)
    const [status] = await client.budget.status()
    expect(status, trail).toMatchObject({ reserved: 0n, spent: 1_000_000n })
    reached = steps.count >= at
  }
  expect(at).toBeGreaterThan(FEWEST_STEPS)
}, 240_000)
