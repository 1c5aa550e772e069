export type { BrowserOptions, SolanaBrowserWallet, WalletChange } from './browserSigner'
export {
  type DiscoveredSolanaWallet,
  discoverSolanaWallets,
  type SolanaWalletDiscovery,
} from './discoverSolanaWallets'
export type { KitMessage, KitModifyingSigner, KitPartialSigner, KitTransaction } from './kitSigner'
export { type SolanaKeyPair, type SolanaSigner, solanaSigner } from './solanaSigner'
export { summarize } from './summarize'
export { WalletError, type WalletErrorCode } from './WalletError'
export type {
  Asset,
  ChainContext,
  Evidence,
  Fate,
  PrepareContext,
  Prepared,
  Signed,
  Terms,
  TransferSummary,
  Wallet,
} from './wallet'
export {
  type StandardAccount,
  type StandardWallet,
  walletStandardSigner,
} from './walletStandardSigner'
