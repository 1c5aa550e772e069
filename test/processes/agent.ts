import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  ARouter,
  isARouterError,
  type Store,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import type { NodeRedisClient } from '@arouter/sdk/redis'
import { privateKeyToAccount } from 'viem/accounts'
import { disk } from '../../packages/sdk/src/store/disk'
import { storeOnDisk } from '../../packages/sdk/src/store/file'
import {
  countSteps,
  type Steps,
  steppingAccount,
  steppingDisk,
  steppingFetch,
  steppingRedis,
} from './steps'
import { type Line, PATIENCE_MS, type Place, type Task } from './tasks'

/* A process of its own that pays: tasks come in as lines of JSON, what came of them goes out as such. */

const HELLO = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hello' }] } as const

const say = (line: Line) => writeSync(1, `${JSON.stringify(line)}\n`)

const connections = new Map<string, Promise<NodeRedisClient>>()

async function connect(at: string): Promise<NodeRedisClient> {
  const { nodeRedisAt } = await import('../store/nodeRedisAt')
  const client = nodeRedisAt(at)
  client.on('error', () => undefined) // the store hears of it
  await client.connect()
  return client
}

async function open(place: Place, steps: Steps): Promise<Store> {
  if (place.kind === 'file') return storeOnDisk(place.folder, steppingDisk(disk, steps))
  const { at, prefix } = place
  const connection = connections.get(at) ?? connect(at)
  connections.set(at, connection)
  const { redisStore } = await import('@arouter/sdk/redis')
  return redisStore(steppingRedis(await connection, steps), { prefix, timeout: PATIENCE_MS })
}

async function withWallet(
  client: ARouter,
  { key, limit, solana }: Task,
  store: Store,
  steps: Steps,
  signed: { transfers: number; signIns: number },
): Promise<ARouter> {
  const options = { store, ...(limit && { budget: { limit } }) }
  if (!solana) {
    const account = steppingAccount(privateKeyToAccount(key), steps, signed)
    return withX402EvmPayment(client, account, options)
  }
  const { Keypair } = await import('@solana/web3.js')
  const keypair = Keypair.fromSeed(Buffer.from(key.slice(2), 'hex'))
  return withX402SolanaPayment(client, keypair, undefined, { ...options, rpc: solana })
}

async function perform(task: Task): Promise<void> {
  const { id, gateway, place, calls } = task
  const steps = countSteps(task.diesAt)
  const signed = { transfers: 0, signIns: 0 }
  const store = await open(place, steps)
  const bare = new ARouter({
    baseURL: gateway,
    timeout: PATIENCE_MS,
    customFetch: steppingFetch(steps),
  })
  const client = await withWallet(bare, task, store, steps, signed)
  say({ type: 'begun', id })
  const begun = performance.now()
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, () => client.chatCompletion(HELLO)),
  )
  const took = performance.now() - begun
  const errors: Record<string, number> = {}
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    const code = isARouterError(outcome.reason) ? outcome.reason.code : String(outcome.reason)
    errors[code] = (errors[code] ?? 0) + 1
  }
  const answered = outcomes.filter(({ status }) => status === 'fulfilled').length
  say({ type: 'done', id, answered, errors, took, steps: steps.count(), ...signed })
}

const tasks = createInterface({ input: process.stdin })
tasks.on('line', (line) => {
  const task: Task = JSON.parse(line)
  perform(task).catch((error: unknown) => {
    writeSync(2, `${String(error)}\n`)
    process.exit(1)
  })
})
// Nobody is left to tell.
tasks.on('close', () => process.exit(0))
say({ type: 'ready' })
