import { ARouter, type Store, withX402EvmPayment } from '@arouter/sdk'
import { fileStore } from '@arouter/sdk/node'
import { redisStore } from '@arouter/sdk/redis'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { nodeRedisAt } from '../store/nodeRedisAt'
import { PATIENCE_MS, type Place, type Task } from './tasks'

/** Opens places from the test's own process. */
export type Opener = {
  readonly open: (place: Place) => Store
  readonly close: () => void
}

/** An opener whose Redis places all lie on the server `at` a URL or the path of a socket. */
export async function createOpener(at?: string): Promise<Opener> {
  if (at === undefined) return { open: inFolder, close: () => undefined }
  const client = nodeRedisAt(at)
  client.on('error', () => undefined) // the store hears of it
  await client.connect()
  const stores = new Map<string, Store>()
  const make = (place: Place) =>
    place.kind === 'redis'
      ? redisStore(client, { prefix: place.prefix, timeout: PATIENCE_MS })
      : inFolder(place)
  return {
    open: (place) => {
      const name = JSON.stringify(place)
      const store = stores.get(name) ?? make(place)
      stores.set(name, store)
      return store
    },
    close: () => client.destroy(),
  }
}

function inFolder(place: Place): Store {
  if (place.kind !== 'file') throw new TypeError('this opener has no Redis')
  return fileStore(place.folder)
}

/** A client of the wallet of `task`, on its books, in the test's own process. */
export function clientOf(
  task: Pick<Task, 'gateway' | 'key' | 'limit'>,
  store: Store,
  account: PrivateKeyAccount = privateKeyToAccount(task.key),
): ARouter {
  const { gateway, limit } = task
  return withX402EvmPayment(new ARouter({ baseURL: gateway }), account, {
    store,
    ...(limit && { budget: { limit } }),
  })
}

/** What the books say of a wallet. */
export type Books = {
  /** Atomic units spent, or set aside. */
  readonly counted: bigint
  /** Payments that were not given up unsigned and are not dead. */
  readonly standing: number
}

export async function readBooks(client: ARouter): Promise<Books> {
  const [payments, statuses] = await Promise.all([client.payments.list(), client.budget.status()])
  return {
    counted: statuses.reduce((sum, { reserved, spent }) => sum + reserved + spent, 0n),
    standing: payments.filter(({ state }) => state !== 'abandoned' && state !== 'dead').length,
  }
}
