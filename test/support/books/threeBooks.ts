import type { MockGateway, NetworkId } from '@arouter/mock-gateway'
import { type Comparison, compareBooks } from './compareBooks'
import { notedStores } from './notedStores'
import { readTransfers } from './readChain'
import { readGateway } from './readGateway'
import { readStore } from './readStore'

/** The three books of what is paid at a gateway from now on. */
export type ThreeBooks = {
  /** What they say now. */
  readonly compare: () => Promise<Comparison>
}

/** Opens the books: those of a gateway, of its chains, and of every client that this file of tests has made. */
export async function threeBooks(gateway: MockGateway): Promise<ThreeBooks> {
  const receivers = Object.entries(gateway.payTo) as [NetworkId, string][] // By its type.
  const holds = () =>
    Promise.all(receivers.map(([network, address]) => gateway.state.balanceOf(network, address)))
  const opened = await holds()
  return {
    compare: async () => {
      const transfers = await Promise.all(
        receivers.map(([network]) => readTransfers(gateway, network)),
      )
      const held = await holds()
      const holdings = receivers.map(([network, address], at) => {
        return { network, address, before: opened[at] ?? 0n, now: held[at] ?? 0n }
      })
      const stores = await Promise.allSettled(notedStores().map(readStore))
      const { differences, remarks } = compareBooks({
        chain: { transfers: transfers.flat(), holdings },
        gateways: [readGateway(gateway)],
        stores: stores.flatMap((store) => (store.status === 'fulfilled' ? store.value : [])),
      })
      const unread = stores.flatMap((store) =>
        store.status === 'rejected' ? `A store cannot be read: ${store.reason}` : [],
      )
      return { differences, remarks: [...remarks, ...unread] }
    },
  }
}
