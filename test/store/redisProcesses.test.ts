import { redisStore } from '@arouter/sdk/redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildScript } from './buildScript'
import { redisServer } from './redisServer'
import { runCounter } from './runCounter'
import { sharedRedis } from './sharedRedis'

const server = sharedRedis()
let script = ''

beforeAll(async () => {
  await server.start()
  script = await buildScript('counter', 'node')
})

afterAll(() => server.remove())

describe('processes that share a Redis store', () => {
  for (const kind of ['node-redis', 'ioredis']) {
    test(`lose no update of 8 that count at once with ${kind}`, async () => {
      const prefix = server.fresh()
      const args = [kind, server.place, prefix, 'count', '50']
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => runCounter(script, args)))
      for (const { code, errors } of outcomes)
        expect({ code, errors }).toEqual({ code: 0, errors: '' })
      const values = outcomes.flatMap((outcome) => outcome.values).sort((a, b) => a - b)
      expect(values).toEqual(Array.from({ length: 400 }, (_, at) => at + 1))
    }, 120_000)

    test(`lose nothing they said was stored, killed 30 times in the middle of it, with ${kind}`, async () => {
      const prefix = server.fresh()
      const said = new Set<number>()
      const line = async (start: number) => {
        for (let seed = start; seed < 30; seed += 3) {
          const args = [kind, server.place, prefix, 'count', '1000000']
          const { values } = await runCounter(script, args, (count, child) => {
            if (count >= 3 + (seed % 11)) child.kill('SIGKILL')
          })
          for (const value of values) {
            expect(said.has(value)).toBe(false)
            said.add(value)
          }
        }
      }
      await Promise.all([line(0), line(1), line(2)])
      const reader = new Redis(server.place)
      const stands = Number(await redisStore(reader, { prefix }).get('count'))
      reader.disconnect()
      expect(Math.max(...said)).toBeLessThanOrEqual(stands)
      expect(stands).toBeLessThanOrEqual(said.size + 30)
    }, 120_000)

    test(`lose nothing and count nothing twice while Redis is killed and restarted, with ${kind}`, async () => {
      const other = redisServer()
      await other.start()
      try {
        const args = [kind, other.socket, 'other', 'count', '600']
        const counting = [runCounter(script, args), runCounter(script, args)]
        for (let restarts = 0; restarts < 4; restarts++) {
          await new Promise((resolve) => setTimeout(resolve, 300))
          await other.kill()
          await other.start()
        }
        const outcomes = await Promise.all(counting)
        for (const { code, errors } of outcomes) {
          expect({ code, errors }).toEqual({ code: 0, errors: '' })
        }
        const values = outcomes.flatMap((outcome) => outcome.values).sort((a, b) => a - b)
        expect(values).toEqual(Array.from({ length: 1200 }, (_, at) => at + 1))
      } finally {
        await other.remove()
      }
    }, 120_000)
  }
})
