import { redisStore } from '@arouter/sdk/redis'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isARouterError } from '../../packages/sdk/src/errors'
import type { Store } from '../../packages/sdk/src/store/Store'
import { failure, increment } from './conformance'
import { nodeRedisAt } from './nodeRedisAt'
import { type RedisGroup, redisGroup } from './redisGroup'

let group: RedisGroup
let stores = 0
const closing: (() => void)[] = []

beforeAll(async () => {
  group = await redisGroup()
  await group.start()
})

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

afterAll(() => group.remove())

async function nodeRedis(place: string) {
  const client = nodeRedisAt(place)
  client.on('error', () => undefined) // the store hears of it
  closing.push(() => client.destroy())
  await client.connect()
  return client
}

async function ioRedis(place: string) {
  const client = new Redis(place)
  client.on('error', () => undefined)
  closing.push(() => client.disconnect())
  return client
}

const fresh = () => ({ prefix: `store ${stores++}`, timeout: 3_000 })

describe.each([
  ['node-redis', nodeRedis],
  ['ioredis', ioRedis],
] as const)('a fail-over, over %s', (_, open) => {
  test('loses no update that a replica was waited for, and none happens twice', async () => {
    const options = { ...fresh(), waitReplicas: 1 }
    const acknowledged: number[] = []
    let uncertain = 0
    let isOver = false
    const count = async (store: Store) => {
      while (!isOver) {
        try {
          acknowledged.push(Number(await store.update('count', increment)))
        } catch (error) {
          expect(isARouterError(error, 'store_failed')).toBe(true)
          uncertain++
        }
      }
    }
    const counting = [1, 2, 3].map(async () => count(redisStore(await open(group.socket), options)))
    for (let times = 0; times < 3; times++) {
      const known = acknowledged.length
      await expect.poll(() => acknowledged.length).toBeGreaterThan(known + 20)
      await group.failOver()
    }
    const known = acknowledged.length
    await expect.poll(() => acknowledged.length).toBeGreaterThan(known + 20)
    isOver = true
    await Promise.all(counting)
    const stands = Number(await redisStore(await open(group.socket), options).get('count'))
    expect(new Set(acknowledged).size).toBe(acknowledged.length)
    expect(Math.max(...acknowledged)).toBeLessThanOrEqual(stands)
    expect(stands).toBeLessThanOrEqual(acknowledged.length + uncertain)
  }, 120_000)

  test('leaves a primary behind on which nothing can be updated where replicas are waited for', async () => {
    const options = { ...fresh(), waitReplicas: 1 }
    const behind = group.primary()
    const store = redisStore(await open(behind), options)
    await store.update('a', () => 'before')
    await group.promote()
    const error = await failure(store.update('a', () => 'behind'))
    expect(isARouterError(error, 'store_failed') && String(error.cause)).toContain('0 of 1')
    expect(await redisStore(await open(group.socket), options).get('a')).toBe('before')
    await group.rejoin(behind)
    expect(await redisStore(await open(behind), options).get('a')).toBe('before')
  }, 60_000)

  test('loses what only the old primary had acknowledged where no replica was waited for', async () => {
    const options = fresh()
    const behind = group.primary()
    const store = redisStore(await open(behind), options)
    await group.promote()
    expect(await store.update('a', () => 'behind')).toBe('behind')
    expect(await redisStore(await open(group.socket), options).get('a')).toBeUndefined()
    await group.rejoin(behind)
    expect(await store.get('a')).toBeUndefined()
  }, 60_000)
})
