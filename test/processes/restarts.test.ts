import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '@arouter/sdk/node'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sharedRedis } from '../store/sharedRedis'
import { HELLO, startGateway } from '../support/harness'
import { clientOf, createOpener, readBooks } from './openBooks'
import { type AgentScript, buildAgent, startAgent } from './startAgent'
import type { Place, Task } from './tasks'

const RESTARTS = 100
/** Every so many of them is a process of its own; the others are new clients on a store opened anew. */
const PER_PROCESS = 10
const MEETINGS = 10

const redis = sharedRedis()
const prefix = redis.fresh()
const folder = mkdtempSync(join(tmpdir(), 'arouter-restarts-'))
let script: AgentScript

beforeAll(async () => {
  await redis.start()
  script = await buildAgent()
})

afterAll(async () => {
  await redis.remove()
  script.remove()
  rmSync(folder, { recursive: true })
})

test(`${RESTARTS} restarts on one file store with credit left make 1 payment and no sign-in`, async () => {
  const gateway = await startGateway()
  const place = { kind: 'file', folder: join(folder, 'restarts') } as const
  const task: Task = { id: 0, gateway: gateway.url, key: generatePrivateKey(), place, calls: 1 }
  for (let restart = 0; restart <= RESTARTS; restart++) {
    if (restart % PER_PROCESS === 0) {
      const agent = await startAgent(script)
      const outcome = await agent.run(task)
      await agent.kill()
      const transfers = restart === 0 ? 1 : 0
      expect(outcome).toMatchObject({ answered: 1, transfers, signIns: 0 })
    } else {
      await clientOf(task, fileStore(place.folder)).chatCompletion(HELLO)
    }
  }
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 0 })
  // The first asked without a token; each other one was served at once.
  expect(gateway.state.requests).toHaveLength(RESTARTS + 2)
}, 120_000)

const places: Readonly<Record<Place['kind'], (meeting: number) => Place>> = {
  file: (meeting) => ({ kind: 'file', folder: join(folder, `meeting-${meeting}`) }),
  redis: (meeting) => ({ kind: 'redis', at: redis.place, prefix: `${prefix}-${meeting}` }),
}

for (const [kind, placeOf] of Object.entries(places)) {
  test(`two processes that start at once on an empty ${kind} store pay once, each of ${MEETINGS} times`, async () => {
    const opener = await createOpener(redis.place)
    onTestFinished(opener.close)
    const gateway = await startGateway()
    const agents = [await startAgent(script), await startAgent(script)]
    for (let id = 0; id < MEETINGS; id++) {
      const key = generatePrivateKey()
      const task: Task = { id, gateway: gateway.url, key, place: placeOf(id), calls: 1 }
      const outcomes = await Promise.all(agents.map((agent) => agent.run(task)))
      for (const outcome of outcomes) expect(outcome).toMatchObject({ answered: 1, errors: {} })
      expect(gateway.state.counts().payments).toBe(id + 1)
      const books = await readBooks(clientOf(task, opener.open(task.place)))
      expect(books).toEqual({ counted: 1_000_000n, standing: 1 })
    }
    for (const agent of agents) await agent.kill()
  }, 120_000)
}
