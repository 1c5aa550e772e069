import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisServer } from './redisServer'

/** A Redis that tests share, and do not break. */
export type SharedRedis = {
  /** Where it is: a redis:// URL, or the path of a socket. */
  readonly place: string
  readonly start: () => Promise<void>
  /** A prefix that no other store has. */
  readonly fresh: () => string
  /** Deletes what was kept under those prefixes, and nothing else. */
  readonly remove: () => Promise<void>
}

/**
 * The Redis at `REDIS_URL` where that is set, else a server of the test's own.
 * @throws Error where there is neither.
 */
export function sharedRedis(): SharedRedis {
  const run = `arouter-test-${randomUUID()}`
  const fresh = () => `${run}-${randomUUID()}`
  const url = process.env.REDIS_URL
  if (!url) {
    const server = redisServer()
    return { place: server.socket, start: server.start, fresh, remove: server.remove }
  }
  return {
    place: url,
    start: async () => {},
    fresh,
    remove: async () => {
      const client = new Redis(url)
      for await (const names of client.scanStream({ match: `*{${run}-*`, count: 1_000 })) {
        if (names.length > 0) await client.unlink(names)
      }
      client.disconnect()
    },
  }
}
