import { unreadable } from '../errors'

const RECORDS = 'records'
const VERSION = 1

/**
 * Opens the database `name`, making it where there is none. `onClosed` is called when it can no longer
 * be used: the browser closed it, or another tab wants to delete it.
 * @throws ARouterError `store_unreadable`: it is another program's, or of a newer version.
 * @throws DOMException as IndexedDB does.
 */
export async function openDatabase(name: string, onClosed: () => void): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, VERSION)
  opening.onupgradeneeded = () => opening.result.createObjectStore(RECORDS)
  const database = await resultOf(opening).catch((error: DOMException) => {
    throw error.name === 'VersionError' ? unreadable(`IndexedDB ${name}`) : error
  })
  if (!database.objectStoreNames.contains(RECORDS)) {
    database.close()
    throw unreadable(`IndexedDB ${name}`)
  }
  database.onclose = onClosed
  database.onversionchange = () => {
    database.close()
    onClosed()
  }
  return database
}

/** A transaction over the records, and how it ends. */
export function transact(database: IDBDatabase, mode: IDBTransactionMode) {
  const transaction = database.transaction(RECORDS, mode, { durability: 'strict' })
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
  ended.catch(() => undefined) // Who never gets to wait for it has an error of their own to tell.
  return { records: transaction.objectStore(RECORDS), ended }
}

/** What a request comes to. Its transaction is still open when this resolves. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
