import { asWalletError } from './asWalletError'
import { type AskWallet, readChainId } from './eip1193'
import { networks } from './networks'
import { WalletError } from './WalletError'

/**
 * Has a wallet switch to a chain (EIP-3326), and add it (EIP-3085) if it does not know it. Throws
 * `WalletError`: `unknown_chain` (4902), `user_rejected` (4001), `wrong_chain` if it stays elsewhere.
 */
export async function switchChain(chainId: number, ask: AskWallet): Promise<void> {
  const id = `0x${chainId.toString(16)}`
  const change = () => ask('wallet_switchEthereumChain', [{ chainId: id }])
  const isThere = async () => readChainId(await ask('eth_chainId')) === chainId
  try {
    await change()
  } catch (cause) {
    const error = asWalletError(cause)
    const asset = networks[`eip155:${chainId}`]
    if (error.code !== 'unknown_chain' || asset === undefined) throw error
    await ask('wallet_addEthereumChain', [
      {
        chainId: id,
        chainName: asset.testnet ? 'Base Sepolia' : 'Base',
        nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
        rpcUrls: [asset.rpc],
      },
    ])
    // A wallet may switch to what it has added, or leave that to the page.
    if (!(await isThere())) await change()
  }
  if (await isThere()) return
  throw new WalletError(
    'wrong_chain',
    `The wallet stays on another chain. Switch it to chain ${chainId} by hand.`,
  )
}
