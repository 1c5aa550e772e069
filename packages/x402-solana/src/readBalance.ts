import { field } from './blockhash'
import { callRpc } from './callRpc'
import { assetOf } from './networks'
import { TOKEN } from './programs'
import { tokenAccount } from './tokenAccount'
import { WalletError } from './WalletError'
import type { ChainContext } from './wallet'

// In the state of an SPL token account: mint, owner, then the amount, little-endian.
const AMOUNT_AT = 64

/**
 * The USDC in the associated token account of `owner`, confirmed, in atomic units, by whichever server
 * answers first; no such account is none. Rejects where no server answers: what cannot be read is never zero.
 */
export async function readBalance(owner: string, network: string, context: ChainContext) {
  const account = await tokenAccount(owner, assetOf(network)?.address ?? '')
  const askOne = async (url: string) => {
    const options = { commitment: 'confirmed', encoding: 'base64' }
    const [genesis, answer] = await Promise.all([
      callRpc(url, 'getGenesisHash', [], context),
      callRpc(url, 'getAccountInfo', [account, options], context),
    ])
    const value = field(answer, 'value')
    const isThere =
      typeof genesis === 'string' && genesis.startsWith(network.slice('solana:'.length))
    if (isThere && value === null) return 0n
    const [data, encoding] = [field(value, 'data'), 'base64'] as const
    if (!isThere || field(value, 'owner') !== TOKEN || field(data, '1') !== encoding)
      throw malformed()
    const bytes = Uint8Array.from(atob(String(field(data, '0'))), (char) => char.charCodeAt(0))
    return new DataView(bytes.buffer).getBigUint64(AMOUNT_AT, true)
  }
  return Promise.any(context.rpc.map(askOne))
}

const malformed = () => new WalletError('rpc_failed', 'The RPC server gave a malformed answer.')
