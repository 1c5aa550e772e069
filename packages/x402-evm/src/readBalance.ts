import { callRpc } from './callRpc'
import { quantity } from './lastingBlock'
import { assetOf } from './refuseTerms'
import { WalletError } from './WalletError'
import type { ChainContext } from './wallet'

// balanceOf(address) of ERC-20.
const BALANCE_OF = '0x70a08231'

/**
 * The USDC that `owner` holds in the latest block, in atomic units, by whichever server answers first.
 * Rejects where none does: what cannot be read is never zero.
 */
export async function readBalance(owner: string, network: string, context: ChainContext) {
  const askOne = async (url: string) => {
    const call = {
      to: assetOf(network)?.address,
      data: BALANCE_OF + owner.slice(2).padStart(64, '0'),
    }
    const [chainId, held] = await Promise.all([
      callRpc(url, 'eth_chainId', [], context),
      callRpc(url, 'eth_call', [call, 'latest'], context),
    ])
    if (quantity(chainId) === BigInt(network.slice('eip155:'.length))) return quantity(held)
    throw new WalletError('rpc_failed', 'The RPC server is of another chain.')
  }
  return Promise.any(context.rpc.map(askOne))
}
