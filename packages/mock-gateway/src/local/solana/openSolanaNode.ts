import { GatewayConfigError } from '../../GatewayConfigError'
import type { SolanaNetwork } from '../../networks'
import { jsonRpc } from '../jsonRpc'
import { createSolanaNode, type SolanaNode } from './SolanaNode'
import { startSolanaNode } from './startSolanaNode'

/**
 * A chain of a network: the one that runs at `url`, or a new one. Rejects with GatewayConfigError where there is no
 * such chain, and where LiteSVM is not installed or has no build for this machine.
 */
export async function openSolanaNode(network: SolanaNetwork, url?: string): Promise<SolanaNode> {
  if (url === undefined) return startSolanaNode(network)
  const request = jsonRpc(url)
  const hash = await request('getGenesisHash').catch((cause: unknown) => {
    throw new GatewayConfigError(`no local chain of ${network.id} answers at ${url}`, { cause })
  })
  if (typeof hash !== 'string' || !hash.startsWith(network.reference)) {
    throw new GatewayConfigError(`the chain at ${url} is not ${network.id}`)
  }
  return createSolanaNode(url, request, async () => undefined)
}
