import type { MockGateway, NetworkId } from '@arouter/mock-gateway'
import { type Comparison, compareBooks } from './compareBooks'
import { notedStores } from './notedStores'
import { readTransfers } from './readChain'
import { readGateway } from './readGateway'
import { readStore } from './readStore'

/** The three books of what is paid at a gateway from now on. */
export type ThreeBooks = {
  /** What they say now; `restarted` is the gateway, where it is another process's by now. */
  readonly compare: (restarted?: MockGateway) => Promise<Comparison>
}

/** Opens the books: those of a gateway, of its chains, and of every client that this file of tests has made. */
export async function threeBooks(gateway: MockGateway): Promise<ThreeBooks> {
  const receivers = Object.entries(gateway.payTo) as [NetworkId, string][] // By its type.
  const holds = ({ state }: MockGateway) =>
    Promise.all(receivers.map(([network, address]) => state.balanceOf(network, address)))
  const opened = await holds(gateway)
  return {
    compare: async (now = gateway) => {
      const transfers = await Promise.all(receivers.map(([network]) => readTransfers(now, network)))
      const held = await holds(now)
      const holdings = receivers.map(([network, address], at) => {
        return { network, address, before: opened[at] ?? 0n, now: held[at] ?? 0n }
      })
      const stores = await Promise.allSettled(notedStores().map(readStore))
      const { differences, remarks } = compareBooks({
        chain: { transfers: transfers.flat(), holdings },
        gateways: [readGateway(now)],
        stores: stores.flatMap((store) => (store.status === 'fulfilled' ? store.value : [])),
      })
      const unread = stores.flatMap((store) =>
        store.status === 'rejected' ? `A store cannot be read: ${store.reason}` : [],
      )
      return { differences, remarks: [...remarks, ...unread] }
    },
  }
}
