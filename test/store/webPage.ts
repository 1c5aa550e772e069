import { isARouterError } from '@arouter/sdk'
import { webStore } from '@arouter/sdk/web'
import { conformance, failure, increment } from './conformance'

/*
 * What the page of the browser tests can do. The tests call it by name.
 */

/** Outcomes cross to the test as text. */
export type WebPage = {
  readonly runCase: (name: string, database: string) => Promise<void>
  readonly isDurable: () => boolean
  /** Counts to the end; each value is in the page's title once its update has resolved. */
  readonly count: (database: string, times: number) => Promise<number[]>
  readonly get: (database: string, key: string) => Promise<string>
  /** The code and message of the error with which a store over `database` fails, by operation. */
  readonly failures: (database: string) => Promise<string[]>
  /** The code and message of the error that a large value meets. */
  readonly fill: (database: string) => Promise<string>
  /** Makes a database of another version, or one with another program's content. */
  readonly makeDatabase: (database: string, version: number, store: string) => Promise<void>
  /** Puts a record into a store's database, as something else than the store would. */
  readonly putRecord: (database: string, key: string, record: unknown) => Promise<void>
  /** Deletes a database that a store holds open, and writes through that store again. */
  readonly deleteUnderStore: (database: string) => Promise<string>
}

declare global {
  var webPage: WebPage
}

globalThis.webPage = {
  runCase: async (name, database) => {
    const found = conformance.find((one) => one.name === name)
    if (!found) throw new Error(`there is no case ${name}`)
    await found.run(webStore(database), () => webStore(database))
  },
  isDurable: () => webStore('any').durable,
  count: async (database, times) => {
    const store = webStore(database)
    const values: number[] = []
    while (values.length < times) {
      values.push(Number(await store.update('count', increment)))
      document.title = String(values.at(-1))
    }
    return values
  },
  get: async (database, key) => JSON.stringify(await webStore(database).get(key)) ?? 'undefined',
  failures: async (database) => {
    const store = webStore(database)
    const errors = [
      await failure(store.get('bad')),
      await failure(store.update('bad', () => 1)),
      await failure(store.list('')),
    ]
    return errors.map(told)
  },
  fill: async (database) => {
    const large = 'x'.repeat(10_000_000)
    return told(await failure(webStore(database).update('count', () => large)))
  },
  makeDatabase: async (database, version, store) => {
    const made = await opened(database, version, store)
    made.close()
  },
  putRecord: async (database, key, record) => {
    const made = await opened(database, 1, 'records')
    const transaction = made.transaction('records', 'readwrite')
    transaction.objectStore('records').put(record, key)
    await new Promise((resolve) => {
      transaction.oncomplete = resolve
    })
    made.close()
  },
  deleteUnderStore: async (database) => {
    const store = webStore(database)
    await store.update('a', () => 1)
    await new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase(database)
      deleting.onsuccess = resolve
      deleting.onerror = reject
    })
    await store.update('b', () => 2)
    return JSON.stringify(await store.list(''))
  },
}

function told(error: unknown): string {
  return isARouterError(error) ? `${error.code}: ${error.message}` : String(error)
}

function opened(database: string, version: number, store: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database, version)
    opening.onupgradeneeded = () => opening.result.createObjectStore(store)
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
}
