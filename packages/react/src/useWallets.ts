import { useBinding } from './ARouterProvider'
import type { Binding, WalletsState } from './createBinding'
import { useLive } from './live'

/** What {@link useWallets} returns. */
export type Wallets = WalletsState & Pick<Binding, 'connect' | 'disconnect'>

/**
 * The wallets of this page (EIP-6963, Wallet Standard), and the one in use. The one used last is in
 * use again after a reload if it needs no asking; a change of account in the wallet is followed.
 * @throws TypeError outside of an `ARouterProvider`.
 */
export function useWallets(): Wallets {
  const { wallets, connect, disconnect } = useBinding()
  return { ...useLive(wallets), connect, disconnect }
}
