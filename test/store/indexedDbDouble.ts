/*
 * As much of IndexedDB 3.0 as the store uses, in this process. What it promises is what the browser
 * promises: the same cases run on both. What a browser does to nobody's order, it can be told to do.
 */

type Records = Map<string, unknown>

type Database = {
  readonly name: string
  version: number
  readonly stores: Map<string, Records>
  readonly connections: Set<Connection>
  /** Ends when the last transaction that was begun has. */
  last: Promise<void>
  /** Puts back what was written and not flushed. */
  readonly unflushed: (() => void)[]
}

type Connection = { onclose?: () => void; onversionchange?: () => void; readonly close: () => void }

type Request = {
  result?: unknown
  error?: DOMException
  onsuccess?: () => void
  onerror?: () => void
  onupgradeneeded?: () => void
}

export type IndexedDbDouble = {
  /** Takes the place of `indexedDB` and `IDBKeyRange`; the function returned puts back what was there. */
  readonly install: () => () => void
  /** Power is lost: what was not flushed is gone, and every connection is closed. */
  readonly loseWhatWasNotFlushed: () => void
  /** From now on nothing that takes room is committed. */
  readonly useUp: (quota: 'used up' | 'ample') => void
  /** How often a database was opened. */
  readonly opens: () => number
  /** The next database that is opened fails to. */
  readonly failToOpen: () => void
}

export function indexedDbDouble(): IndexedDbDouble {
  const databases = new Map<string, Database>()
  let isFull = false
  let isBroken = false
  let opens = 0

  const open = (name: string, version: number): Request => {
    const request: Request = {}
    opens++
    soon(() => {
      const database = databases.get(name) ?? newDatabase(name)
      if (isBroken) {
        isBroken = false
        return fail(request, 'UnknownError')
      }
      if (database.version > version) return fail(request, 'VersionError')
      databases.set(name, database)
      request.result = connect(database)
      if (database.version < version) {
        database.version = version
        request.onupgradeneeded?.()
      }
      request.onsuccess?.()
    })
    return request
  }

  const connect = (database: Database) => {
    const { stores, connections } = database
    const connection: Connection & Record<string, unknown> = {
      objectStoreNames: { contains: (name: string) => stores.has(name) },
      createObjectStore: (name: string) => stores.set(name, new Map()),
      transaction: (name: string, mode: string, { durability = 'relaxed' } = {}) => {
        if (!connections.has(connection)) throw new DOMException('closed', 'InvalidStateError')
        const records = stores.get(name)
        if (!records) throw new DOMException('no such store', 'NotFoundError')
        return begin(database, records, mode, durability)
      },
      close: () => void connections.delete(connection),
    }
    connections.add(connection)
    return connection
  }

  const begin = (database: Database, standing: Records, mode: string, durability: string) => {
    if (mode !== 'readonly' && mode !== 'readwrite') throw new TypeError('there is no such mode')
    const waiting: (() => void)[] = []
    let records: Records = new Map()
    let isOver = false
    let hasWritten = false
    const ask = (answer: () => unknown, request: Request = {}) => {
      if (isOver) throw new DOMException('it is over', 'TransactionInactiveError')
      waiting.push(() => {
        request.result = answer()
        request.onsuccess?.()
      })
      return request
    }
    const write = (change: () => void) => {
      if (mode !== 'readwrite') throw new DOMException('it only reads', 'ReadOnlyError')
      hasWritten = true
      return ask(change)
    }
    const transaction: Record<string, unknown> & { oncomplete?: () => void; onabort?: () => void } =
      {
        error: null,
        objectStore: () => ({
          get: (key: string) => ask(() => structuredClone(records.get(key))),
          put: (value: unknown, key: string) => {
            const copy = structuredClone(value)
            return write(() => void records.set(key, copy))
          },
          delete: (key: string) => write(() => void records.delete(key)),
          openCursor: (from: string) => {
            const keys = [...records.keys(), ...standing.keys()].filter((key) => key >= from)
            const rest = [...new Set(keys)].sort((a, b) => (a < b ? -1 : 1))
            const request: Request = {}
            const next = (): unknown => {
              const key = rest.shift()
              if (key === undefined) return null
              const value = structuredClone(records.get(key))
              return { key, value, continue: () => void ask(next, request) }
            }
            return ask(next, request)
          },
        }),
      }
    const run = async () => {
      records = new Map(standing)
      for (;;) {
        await turn()
        const next = waiting.shift()
        if (!next) break
        next()
      }
      isOver = true
      if (!hasWritten) return transaction.oncomplete?.()
      if (isFull) {
        transaction.error = new DOMException('no room', 'QuotaExceededError')
        return transaction.onabort?.()
      }
      const before = new Map(standing)
      replace(standing, records)
      if (durability !== 'strict') database.unflushed.unshift(() => replace(standing, before))
      transaction.oncomplete?.()
    }
    database.last = database.last.then(run)
    return transaction
  }

  const deleteDatabase = (name: string): Request => {
    const request: Request = {}
    soon(() => {
      for (const connection of databases.get(name)?.connections ?? [])
        connection.onversionchange?.()
      databases.delete(name)
      request.onsuccess?.()
    })
    return request
  }

  return {
    install: () => {
      const before = { indexedDB: globalThis.indexedDB, IDBKeyRange: globalThis.IDBKeyRange }
      const IDBKeyRange = { lowerBound: (key: string) => key }
      Object.assign(globalThis, { indexedDB: { open, deleteDatabase }, IDBKeyRange })
      return () => void Object.assign(globalThis, before)
    },
    loseWhatWasNotFlushed: () => {
      for (const { unflushed, connections } of databases.values()) {
        for (const undo of unflushed.splice(0)) undo()
        for (const connection of connections) {
          connections.delete(connection)
          connection.onclose?.()
        }
      }
    },
    useUp: (quota) => {
      isFull = quota === 'used up'
    },
    opens: () => opens,
    failToOpen: () => {
      isBroken = true
    },
  }
}

function newDatabase(name: string): Database {
  const [stores, connections] = [new Map<string, Records>(), new Set<Connection>()]
  return { name, version: 0, stores, connections, last: Promise.resolve(), unflushed: [] }
}

function fail(request: Request, kind: string): void {
  request.error = new DOMException('it failed', kind)
  request.onerror?.()
}

function replace(records: Records, by: Records): void {
  records.clear()
  for (const [key, value] of by) records.set(key, value)
}

function soon(act: () => void): void {
  void turn().then(act)
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
