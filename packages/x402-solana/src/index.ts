export type { KitMessage, KitModifyingSigner, KitPartialSigner, KitTransaction } from './kitSigner'
export { type SolanaKeyPair, type SolanaSigner, solanaSigner } from './solanaSigner'
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
  Wallet,
} from './wallet'
