import { isObject } from '../encoding'
import { unreadable } from '../errors'
import { openDatabase, resultOf, transact } from './indexedDb'
import type { Json, Store } from './Store'
import { typed } from './typed'
import { webLocks } from './webLocks'

/**
 * A store in the IndexedDB database `name`, shared by all tabs and workers of an origin. `change` runs
 * inside one read-write transaction, so no other tab comes between; a value is flushed to disk before
 * `update` resolves (strict durability). A payment that a closed tab left is taken up at once, as Web
 * Locks tell who is there. A browser may still evict it, and a user clear it: ask for
 * `navigator.storage.persist()`. Any script of the same origin can read it.
 * @throws ARouterError (from each method) `store_failed`: there is no IndexedDB, it failed, or it is
 * full. `store_unreadable`: a record or the database is damaged, foreign or of a newer version.
 */
export function webStore(name = 'arouter'): Store {
  let opened: Promise<IDBDatabase> | undefined

  const forget = () => {
    opened = undefined
  }
  const open = (): Promise<IDBDatabase> => {
    if (!opened) {
      opened = openDatabase(name, forget)
      opened.catch(forget) // The next call tries again; this one hears of it.
    }
    return opened
  }
  const begin = async (mode: IDBTransactionMode) => transact(await open(), mode)

  return {
    durable: true,
    get: (key) =>
      typed(async () => {
        const { records } = await begin('readonly')
        return decode(await resultOf(records.get(key)), key)
      }),
    update: async (key, change) => {
      const { records, ended } = await typed(() => begin('readwrite'))
      const current = decode(await typed(() => resultOf(records.get(key))), key)
      const next = change(current)
      if (next === undefined) records.delete(key)
      else if (next !== current) records.put({ v: 1, value: next }, key)
      await typed(() => ended)
      return next
    },
    list: (prefix) => typed(async () => listFrom((await begin('readonly')).records, prefix, name)),
    presence: webLocks(name),
  }
}

/** Keys are in the order of their UTF-16 code units, so those with a prefix are together. */
async function listFrom(records: IDBObjectStore, prefix: string, name: string) {
  const entries: (readonly [string, Json])[] = []
  const request = records.openCursor(IDBKeyRange.lowerBound(prefix))
  for (;;) {
    const cursor = await resultOf(request)
    if (!cursor) return entries
    const { key } = cursor
    if (typeof key !== 'string') throw unreadable(`IndexedDB ${name}`)
    if (!key.startsWith(prefix)) return entries
    const value = decode(cursor.value, key)
    if (value !== undefined) entries.push([key, value])
    cursor.continue()
  }
}

function decode(stored: Json | undefined, key: string): Json | undefined {
  if (stored === undefined) return undefined
  if (!isObject(stored) || stored.v !== 1 || stored.value === undefined) throw unreadable(key)
  return stored.value
}
