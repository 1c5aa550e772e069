import type { LocalTransfer, MockGateway, NetworkId } from '@arouter/mock-gateway'
import type { Transfer } from './Books'

/** The transfers on one network of a gateway, by the word of its chain. */
export async function readTransfers(
  gateway: MockGateway,
  network: NetworkId,
): Promise<readonly Transfer[]> {
  const transfers = await gateway.state.transfers(network)
  return Promise.all(
    transfers.map(async (transfer) => {
      const { transaction, from, to, amount } = transfer
      return {
        network,
        transaction,
        from,
        to,
        amount,
        marks: await marksOf(gateway, network, transfer),
      }
    }),
  )
}

async function marksOf(
  gateway: MockGateway,
  network: NetworkId,
  { transaction, nonce }: LocalTransfer,
): Promise<readonly string[]> {
  if (nonce !== undefined) return [nonce.toLowerCase()]
  if (network.startsWith('eip155:')) return []
  const options = { encoding: 'json', maxSupportedTransactionVersion: 0, commitment: 'confirmed' }
  const answer = await gateway.fetch(gateway.rpc[network] ?? '', {
    method: 'POST',
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'getTransaction',
      params: [transaction, options],
    }),
  })
  const { result } = await answer.json()
  return result.transaction.signatures
}
