import type { EvmNetwork } from '../../networks'
import { jsonRpc } from '../jsonRpc'
import { createEvmNode } from './createEvmNode'
import type { EvmNode } from './EvmNode'
import { installUsdc } from './installUsdc'
import { startAnvil } from './startAnvil'

/** A chain of a network: the one that runs at `url`, or a new one. */
export async function openEvmNode(network: EvmNetwork, url?: string): Promise<EvmNode> {
  if (url !== undefined) return createEvmNode(url, network, async () => undefined)
  const anvil = await startAnvil(network.chainId)
  try {
    await installUsdc(jsonRpc(anvil.url), network)
    return await createEvmNode(anvil.url, network, anvil.close)
  } catch (error) {
    await anvil.close()
    throw error
  }
}
