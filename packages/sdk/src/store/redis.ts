import { unreadable } from '../errors'
import { inTurn } from './inTurn'
import { keyName, keyOf } from './keyName'
import { parseJson } from './parseJson'
import { patient } from './patient'
import { pause } from './pause'
import { commandOf, type IoRedisClient, type NodeRedisClient } from './redisClient'
import { LIST, READ, SWAP } from './redisScripts'
import { replicated } from './replicated'
import { type Json, type Store, storeFailed } from './Store'
import { typed } from './typed'

/** What `redisStore` can be told beside its client. */
export type RedisStoreOptions = {
  /** What the store's names in Redis begin with: `arouter` unless told. One prefix is one store. */
  readonly prefix?: string
  /** How long Redis is waited for, in milliseconds: 5,000 unless told. */
  readonly timeout?: number
  /**
   * How many replicas must hold an update before it resolves (WAIT): 0 unless told. With fewer, it
   * rejects with `store_failed`. Needs a client of one connection: no pool, no cluster.
   */
  readonly waitReplicas?: number
}

/** A record as it lies in Redis, empty where there is none, and when that was by Redis's clock. */
type Standing = { readonly record: string; readonly now: number }

const TIMEOUT_MS = 5_000
const LONGEST_PAUSE_MS = 100
/** The version of the format, before each record's JSON. */
const FORMAT = '1 '

/**
 * A store in Redis 6.2 or newer, for agents on several machines. Takes a connected client of `redis`
 * or a client of `ioredis` (of a single server, behind Sentinel or not; of a cluster, an ioredis one),
 * with an `error` listener, and leaves it open. An update is one compare-and-set on the server; where
 * its answer is lost it is asked for again, and happens once, whatever the client resends by itself.
 *
 * It is as durable as Redis is: `appendonly yes` with `appendfsync always`, or an acknowledged update
 * can be lost with the server; and `maxmemory-policy noeviction`, or it can be lost at any time.
 *
 * Redis replicates after it has acknowledged. So a fail-over may forget the last updates, and what a
 * primary that lives on behind a partition acknowledges is forgotten too (`min-replicas-to-write` ends
 * that after `min-replicas-max-lag`): a payment among them can be made again, and is missing in the
 * budget. With `waitReplicas` at the number of replicas that may be promoted, nothing acknowledged is
 * forgotten; with less, nothing is as long as the one promoted knows most of all, as Sentinel chooses
 * among those it reaches. A payment's header leaves only after such an update. One that fails for want
 * of replicas has happened or not, as with any `store_failed`, and the next one sees which. The clocks of
 * servers that take over from each other must agree to a quarter of `timeout`.
 * @throws ARouterError (from each method) `store_failed`: Redis was not reached within `timeout`, or
 * refused; an update that got no answer in that time does not happen afterwards.
 * `store_unreadable`: a record is damaged or of a newer version.
 */
export function redisStore(
  client: NodeRedisClient | IoRedisClient,
  { prefix = 'arouter', timeout = TIMEOUT_MS, waitReplicas = 0 }: RedisStoreOptions = {},
): Store {
  const command = commandOf(client)
  const queue = inTurn()
  // One hash tag: in a cluster all of a store lies in one slot, so that a script can be atomic over it.
  const base = `{${keyName(prefix).replace(/[{}]/g, '_')}}`
  const [records, names] = [`${base}:records`, `${base}:names`]
  const steadily = <T>(work: () => Promise<T>) => typed(() => patient(timeout, work))
  const run = (script: string, keys: readonly string[], words: readonly string[]) =>
    command('EVAL', script, String(keys.length), ...keys, ...words)

  const read = (key: string): Promise<Standing> =>
    steadily(async () => {
      const [now, record] = listOf(await run(READ, [records], [keyName(key)]))
      return { now: Number(now), record: record === null ? '' : textOf(record) }
    })

  const swap = (key: string, { now, record }: Standing, next: string): Promise<string> => {
    // Earlier than the answer is given up, so that what was given up cannot happen any more.
    const deadline = now + Math.ceil(timeout * 0.75)
    const expiry = deadline + Math.ceil(timeout)
    const words = [keyName(key), record, next, String(deadline), String(expiry)]
    const keys = [records, names, `${base}:outcome:${crypto.randomUUID()}`]
    const once = async () => textOf(await run(SWAP, keys, words))
    return steadily(waitReplicas > 0 ? replicated(command, waitReplicas, timeout, once) : once)
  }

  return {
    durable: true,
    get: async (key) => valueIn(await read(key), key),
    update: (key, change) =>
      queue(key, async () => {
        for (let round = 0; ; round++) {
          const standing = await read(key)
          const current = valueIn(standing, key)
          const next = change(current)
          if (next === current) return current
          const outcome = await swap(key, standing, encode(next))
          if (outcome === 'done') return next
          if (outcome !== 'outrun') throw storeFailed(new Error(`Redis answered ${outcome}`))
          await pause(round, LONGEST_PAUSE_MS)
        }
      }),
    list: async (start) => {
      const list = () => run(LIST, [records, names], [keyName(start)])
      const found = await steadily(async () => listOf(await list()).map(entryOf))
      const entries = found.map(([name, record]) => {
        const key = keyOf(name)
        return [key, decode(record, key)] as const
      })
      return entries.sort(([a], [b]) => (a < b ? -1 : 1))
    },
  }
}

function encode(value: Json | undefined): string {
  return value === undefined ? '' : FORMAT + JSON.stringify(value)
}

function decode(record: string, key: string): Json {
  const value = record.startsWith(FORMAT) ? parseJson(record.slice(FORMAT.length)) : undefined
  if (value === undefined) throw unreadable(key)
  return value
}

function valueIn({ record }: Standing, key: string): Json | undefined {
  return record === '' ? undefined : decode(record, key)
}

function entryOf(reply: unknown): readonly [name: string, record: string] {
  const [name, record] = listOf(reply)
  return [textOf(name), textOf(record)]
}

function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new TypeError('the Redis client changes the replies it gets')
}

function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply
  throw new TypeError('the Redis client changes the replies it gets')
}
