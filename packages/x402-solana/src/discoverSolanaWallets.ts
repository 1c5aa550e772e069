import { field } from './blockhash'
import { isSolanaWallet, type StandardWallet } from './walletStandardSigner'

/** A wallet that registered itself with the page (Wallet Standard). Name and icon are its own claim. */
export type DiscoveredSolanaWallet = {
  readonly name: string
  /** A `data:` URI of an image, or undefined. Show it through `<img>` only: an SVG may hold scripts. */
  readonly icon: string | undefined
  readonly wallet: StandardWallet
}

/** A list that changes while wallets register themselves. */
export type SolanaWalletDiscovery = {
  /** Those found so far: another array after each change, the same until then. */
  readonly wallets: () => readonly DiscoveredSolanaWallet[]
  /** Calls `listener` after each change; returns what ends that. */
  readonly subscribe: (listener: () => void) => () => void
  /** Listens to wallets no more. */
  readonly stop: () => void
}

/**
 * Finds the page's Solana wallets by Wallet Standard: those that sign version 0 transactions. Where
 * there is no `window` the list stays empty.
 */
export function discoverSolanaWallets(): SolanaWalletDiscovery {
  let found: readonly DiscoveredSolanaWallet[] = []
  const listeners = new Set<() => void>()
  const change = (wallets: readonly DiscoveredSolanaWallet[]) => {
    found = wallets
    for (const listener of listeners) listener()
  }
  const register = (...wallets: readonly unknown[]) => {
    const added = wallets
      .filter(isSolanaWallet)
      .filter((wallet) => !found.some((each) => each.wallet === wallet))
      .map((wallet) => ({ name: wallet.name, icon: readIcon(wallet.icon), wallet }))
    if (added.length > 0) change([...found, ...added])
    return () => {
      if (added.length > 0) change(found.filter((each) => !added.includes(each)))
    }
  }
  const api = Object.freeze({ register })
  const registered = (event: Event) => {
    const callback = field(event, 'detail')
    if (typeof callback === 'function') callback(api)
  }
  const page = globalThis.window
  page?.addEventListener('wallet-standard:register-wallet', registered)
  page?.dispatchEvent(new CustomEvent('wallet-standard:app-ready', { detail: api }))
  return {
    wallets: () => found,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      listeners.clear()
      page?.removeEventListener('wallet-standard:register-wallet', registered)
    },
  }
}

const readIcon = (icon: unknown) =>
  typeof icon === 'string' && /^data:image\//i.test(icon) ? icon : undefined
