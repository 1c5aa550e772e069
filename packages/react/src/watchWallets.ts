import { discoverEvmWallets } from '@arouter/x402-evm'
import { discoverSolanaWallets } from '@arouter/x402-solana'
import type { WalletChoice } from './WalletChoice'

/** Tells `listener` of the wallets in this page (EIP-6963, Wallet Standard), now and as more come. */
export function watchWallets(listener: (found: readonly WalletChoice[]) => void): () => void {
  const evm = discoverEvmWallets()
  const solana = discoverSolanaWallets()
  const tell = () =>
    listener([
      ...evm.wallets().map(({ rdns, name, icon, provider }): WalletChoice => {
        return { id: `eip155:${rdns}`, name, icon, namespace: 'eip155', provider }
      }),
      ...solana.wallets().map(({ name, icon, wallet }): WalletChoice => {
        return { id: `solana:${name}`, name, icon, namespace: 'solana', wallet }
      }),
    ])
  const ends = [evm.subscribe(tell), solana.subscribe(tell), evm.stop, solana.stop]
  tell()
  return () => {
    for (const end of ends) end()
  }
}
