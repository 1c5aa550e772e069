import type { Json, Store } from '@arouter/sdk'
import { webStore } from '@arouter/sdk/web'
import { isARouterError } from '../../packages/sdk/src/errors'
import { failure, same } from './conformance'

/** One thing a store in IndexedDB does. It runs in a browser and over the double alike. */
export type WebCase = { readonly name: string; readonly run: (database: string) => Promise<void> }

/** What a store in IndexedDB does besides what every store does. */
export const webCases: readonly WebCase[] = [
  {
    name: 'says that it lasts',
    run: async (database) => same(webStore(database).durable, true),
  },
  {
    name: 'refuses a record it cannot read, and leaves it as it is',
    run: async (database) => {
      const records: readonly Json[] = [1, 'text', null, {}, { v: 2, value: 1 }, { v: 1 }, [1]]
      for (const record of records) {
        await putRecord(database, 'bad', record)
        const store = webStore(database)
        for (let twice = 0; twice < 2; twice++) {
          for (const told of await failures(store))
            same(told.slice(0, 22), 'store_unreadable: The ')
          for (const told of await failures(store)) same(told.includes('record bad '), true)
        }
        same(await store.list('a'), [])
        await deleteDatabase(database)
      }
    },
  },
  {
    name: 'refuses a key it cannot have written',
    run: async (database) => {
      await putRecord(database, 7, { v: 1, value: 1 })
      await putRecord(database, ['list'], { v: 1, value: 1 })
      const store = webStore(database)
      const error = await failure(store.list(''))
      same(codeOf(error), 'store_unreadable')
      same(told(error).includes(`IndexedDB ${database} `), true)
    },
  },
  {
    name: 'refuses a database of a newer version, and one of another program, by its name',
    run: async (database) => {
      for (const [version, records] of [
        [2, 'records'],
        [1, 'cats'],
      ] as const) {
        await makeDatabase(database, version, records)
        for (const told of await failures(webStore(database))) {
          same(told.slice(0, 22), 'store_unreadable: The ')
          same(told.includes(`IndexedDB ${database} `), true)
        }
        await deleteDatabase(database)
      }
    },
  },
  {
    name: 'goes on once the database it could not open is gone',
    run: async (database) => {
      await makeDatabase(database, 2, 'records')
      const store = webStore(database)
      same(codeOf(await failure(store.get('a'))), 'store_unreadable')
      await deleteDatabase(database)
      same(await store.update('a', () => 1), 1)
    },
  },
  {
    name: 'does not stand in the way of who deletes its database, and begins anew',
    run: async (database) => {
      const store = webStore(database)
      await store.update('a', () => 1)
      await deleteDatabase(database)
      await store.update('b', () => 2)
      same(await store.list(''), [['b', 2]])
    },
  },
]

/** The code and message of the error with which each operation of `store` on `bad` fails. */
export async function failures(store: Store): Promise<string[]> {
  const errors = [
    await failure(store.get('bad')),
    await failure(store.update('bad', () => 1)),
    await failure(store.list('')),
  ]
  return errors.map(told)
}

/** An error as text, fit to cross from a page to a test. */
export function told(error: unknown): string {
  return isARouterError(error) ? `${error.code}: ${error.message}` : String(error)
}

function codeOf(error: unknown): string {
  return told(error).split(':')[0] ?? ''
}

async function makeDatabase(name: string, version: number, records: string): Promise<void> {
  const made = await opened(name, version, records)
  made.close()
}

async function putRecord(database: string, key: IDBValidKey, record: Json): Promise<void> {
  const made = await opened(database, 1, 'records')
  const transaction = made.transaction('records', 'readwrite')
  transaction.objectStore('records').put(record, key)
  await new Promise<unknown>((resolve) => {
    transaction.oncomplete = resolve
  })
  made.close()
}

function opened(database: string, version: number, records: string): Promise<IDBDatabase> {
  const opening = indexedDB.open(database, version)
  opening.onupgradeneeded = () => opening.result.createObjectStore(records)
  return outcome(opening)
}

async function deleteDatabase(name: string): Promise<void> {
  await outcome(indexedDB.deleteDatabase(name))
}

function outcome<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
