import { randomUUID } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Store } from '@arouter/sdk'
import { type RedisStoreOptions, redisStore } from '@arouter/sdk/redis'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isARouterError } from '../../packages/sdk/src/errors'
import { conformance, failure, increment } from './conformance'
import { freePort } from './freePort'
import { nodeRedisAt } from './nodeRedisAt'
import { redisServer } from './redisServer'
import { sharedRedis } from './sharedRedis'

const server = sharedRedis()
// What breaks a server, or the way to it, has one of its own.
const own = redisServer()
const closing: (() => void)[] = []

beforeAll(async () => {
  await Promise.all([server.start(), own.start()])
})

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

afterAll(() => Promise.all([server.remove(), own.remove()]))

async function nodeRedis(place = server.place) {
  const client = nodeRedisAt(place)
  client.on('error', () => undefined) // the store hears of it
  closing.push(() => client.destroy())
  await client.connect()
  return client
}

function ioRedis(place = server.place, keyPrefix = '') {
  const client = new Redis(place, { keyPrefix })
  client.on('error', () => undefined)
  closing.push(() => client.disconnect())
  return client
}

const clients = {
  'node-redis': async (options: RedisStoreOptions, place?: string) =>
    redisStore(await nodeRedis(place), options),
  ioredis: async (options: RedisStoreOptions, place?: string) =>
    redisStore(ioRedis(place), options),
  'ioredis with a key prefix': async (options: RedisStoreOptions, place?: string) =>
    redisStore(ioRedis(place, 'app:'), options),
}

const operations = (store: Store, key: string) => [
  () => store.get(key),
  () => store.update(key, () => 2),
  () => store.list(''),
]

const fresh = () => ({ prefix: server.fresh() })

/**
 * A way to a server that can lose things: `drop` may end a connection instead of passing on a piece
 * of what goes to Redis or comes back.
 */
async function lossyWay(drop: (direction: 'there' | 'back', piece: Buffer) => boolean) {
  const path = `${own.socket}.${randomUUID().slice(0, 8)}`
  const sockets = new Set<Socket>()
  const way: Server = createServer((client) => {
    const redis = connect(own.socket)
    const end = () => {
      client.destroy()
      redis.destroy()
    }
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', end)
    }
    client.on('data', (piece) => (drop('there', piece) ? end() : redis.write(piece)))
    redis.on('data', (piece) => (drop('back', piece) ? end() : client.write(piece)))
  })
  await new Promise<void>((resolve) => way.listen(path, resolve))
  closing.push(() => {
    way.close()
    for (const socket of sockets) socket.destroy()
  })
  return path
}

for (const [name, open] of Object.entries(clients)) {
  describe(`the Redis store over ${name}`, () => {
    for (const { name: does, run } of conformance) {
      test(does, async () => {
        const options = fresh()
        const [store, other] = [await open(options), await open(options)]
        await run(store, () => other)
      })
    }

    test('says that it lasts', async () => {
      expect((await open({})).durable).toBe(true)
    })

    test('keeps stores of another prefix apart', async () => {
      const [store, other] = [await open(fresh()), await open(fresh())]
      await store.update('a', () => 1)
      expect(await other.list('')).toEqual([])
    })

    test('counts each update once and runs no change again, though every fifth answer is lost', async () => {
      let answers = 0
      let lost = 0
      const path = await lossyWay((direction, piece) => {
        // The handshake's replies are let through: only what a script came to is lost.
        if (direction === 'there' || !/done|outrun/.test(piece.toString())) return false
        const isLost = ++answers % 5 === 0
        if (isLost) lost++
        return isLost
      })
      const store = await open(fresh(), path)
      let runs = 0
      for (let count = 1; count <= 30; count++) {
        const stands = await store.update('count', (current) => {
          runs++
          return increment(current)
        })
        expect(stands).toBe(count)
      }
      expect(await store.get('count')).toBe(30)
      expect(runs).toBe(30)
      expect(lost).toBeGreaterThan(5)
    }, 60_000)

    test('counts each update once through two stores, though connections break both ways', async () => {
      const options = fresh()
      let pieces = 0
      const path = await lossyWay(
        (_, piece) => /EVAL|done|outrun/.test(piece.toString()) && ++pieces % 13 === 0,
      )
      const stores = [await open(options, path), await open(options, path)]
      const count = async (store: Store) => {
        for (let times = 0; times < 25; times++) await store.update('count', increment)
      }
      await Promise.all(stores.map(count))
      expect(await (await open(options, own.socket)).get('count')).toBe(50)
    }, 60_000)

    test('is a typed error while Redis is down, and goes on when it is back', async () => {
      const other = redisServer()
      await other.start()
      try {
        const options = fresh()
        await (await open(options, other.socket)).update('a', () => 1)
        const store = await open({ ...options, timeout: 400 }, other.socket)
        await other.kill()
        for (const work of operations(store, 'a')) {
          expect(isARouterError(await failure(work()), 'store_failed')).toBe(true)
        }
        await other.start()
        const patient = await open({ ...options, timeout: 10_000 }, other.socket)
        expect(await patient.get('a')).toBe(1)
      } finally {
        await other.remove()
      }
    })

    test('does not write later what it gave up', async () => {
      const other = redisServer()
      await other.start()
      try {
        const first = await open({ prefix: 'late' }, other.socket)
        await first.update('a', () => 'old')
        const store = await open({ prefix: 'late', timeout: 800 }, other.socket)
        let hasRead = false
        const given = store.update('a', () => {
          // From here on the server takes what is sent to it, and does nothing.
          if (!hasRead) other.pause()
          hasRead = true
          return 'new'
        })
        expect(isARouterError(await failure(given), 'store_failed')).toBe(true)
        other.resume()
        const reader = await open({ prefix: 'late' }, other.socket)
        expect(await reader.get('a')).toBe('old')
        await reader.update('b', () => 1)
        expect(await reader.get('a')).toBe('old')
      } finally {
        other.resume()
        await other.remove()
      }
    })

    test('refuses a record it cannot read, and leaves it as it is', async () => {
      const { prefix } = fresh()
      const store = await open({ prefix })
      const raw = ioRedis(server.place, name.endsWith('prefix') ? 'app:' : '')
      await store.update('ok', () => 1)
      for (const record of ['2 {}', '1 {', '1', '{}', '1 ']) {
        await raw.hset(`{${prefix}}:records`, 'bad', record)
        await raw.zadd(`{${prefix}}:names`, 0, 'bad')
        for (const work of operations(store, 'bad')) {
          const error = await failure(work())
          expect(isARouterError(error, 'store_unreadable') && error.message).toContain('bad')
        }
        expect(await raw.hget(`{${prefix}}:records`, 'bad')).toBe(record)
      }
      expect(await store.list('ok')).toEqual([['ok', 1]])
    })

    test('is a typed error at once where Redis refuses', async () => {
      const { prefix } = fresh()
      const store = await open({ prefix, timeout: 60_000 })
      const raw = ioRedis(server.place, name.endsWith('prefix') ? 'app:' : '')
      await raw.set(`{${prefix}}:records`, 'a string where the hash should be')
      const error = await failure(store.update('a', () => 1))
      expect(isARouterError(error, 'store_failed') && String(error.cause)).toContain('WRONGTYPE')
    })
  })
}

describe('the Redis store', () => {
  test('takes nothing but a client', () => {
    const wrong: object = {}
    // @ts-expect-error: the types say so too
    expect(() => redisStore(wrong)).toThrow(TypeError)
  })

  test('takes no reply that its client has changed', async () => {
    for (const replies of [
      [Buffer.from('no list')],
      [[1, Buffer.from('no text')]],
      [[1, null], Buffer.from('done')],
      [[1, null], null],
    ]) {
      const left = [...replies]
      const store = redisStore({ sendCommand: async () => left.shift() }, fresh())
      const error = await failure(store.update('a', () => 1))
      expect(isARouterError(error, 'store_failed') && error.cause).toMatchObject({
        name: 'TypeError',
      })
    }
    const odd = redisStore({ sendCommand: async () => [['name', 5]] }, fresh())
    const error = await failure(odd.list(''))
    expect(isARouterError(error, 'store_failed') && String(error.cause)).toContain(
      'changes the replies',
    )
  })

  test('takes an outcome it does not know for a failure', async () => {
    const replies = [[1, null], 'late']
    const store = redisStore({ sendCommand: async () => replies.shift() }, fresh())
    const error = await failure(store.update('a', () => 1))
    expect(isARouterError(error, 'store_failed') && String(error.cause)).toContain('answered late')
  })

  test('leaves nothing but the records in Redis, after a while', async () => {
    const { prefix } = fresh()
    const raw = await nodeRedis()
    const store = redisStore(raw, { prefix, timeout: 1_000 })
    await store.update('a', () => 1)
    const outcomes = () => raw.keys(`{${prefix}}:outcome:*`)
    expect(await outcomes()).toHaveLength(1)
    for (const name of await outcomes()) expect(await raw.pTTL(name)).toBeLessThanOrEqual(2_000)
    await expect.poll(outcomes, { timeout: 10_000 }).toEqual([])
    await store.update('a', () => undefined)
    expect(await raw.exists([`{${prefix}}:records`, `{${prefix}}:names`])).toBe(0)
  })

  test('rejects an update that fewer replicas hold than were asked for', async () => {
    for (const client of [await nodeRedis(), ioRedis()]) {
      const options = { ...fresh(), waitReplicas: 1, timeout: 800 }
      const error = await failure(redisStore(client, options).update('a', () => 1))
      expect(isARouterError(error, 'store_failed') && String(error.cause)).toContain('0 of 1')
    }
  })

  test('resolves once the replicas asked for hold the update', async () => {
    const port = await freePort()
    const settings = ['--port', String(port), '--bind', '127.0.0.1']
    const main = redisServer(...settings, '--repl-diskless-sync-delay', '0')
    const replica = redisServer('--replicaof', '127.0.0.1', String(port))
    try {
      await main.start()
      await replica.start()
      const raw = ioRedis(replica.socket)
      await expect.poll(async () => String(await raw.call('ROLE'))).toContain('connected')
      for (const client of [await nodeRedis(main.socket), ioRedis(main.socket)]) {
        const options = { ...fresh(), waitReplicas: 1 }
        const store = redisStore(client, options)
        for (let count = 1; count <= 20; count++) {
          expect(await store.update('count', increment)).toBe(count)
          expect(await redisStore(raw, options).get('count')).toBe(count)
        }
      }
    } finally {
      await Promise.all([main.remove(), replica.remove()])
    }
  }, 60_000)
})
