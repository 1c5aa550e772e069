export { checksumAddress } from './checksumAddress'
export type { SignerOptions, Verify } from './createWallet'
export {
  type DiscoveredEvmWallet,
  discoverEvmWallets,
  type EvmWalletDiscovery,
} from './discoverEvmWallets'
export type { Eip1193Provider } from './eip1193'
export {
  type Eip1193Options,
  type Eip1193Wallet,
  eip1193Signer,
  type WalletChange,
} from './eip1193Signer'
export { type EvmAccount, type EvmWalletClient, evmSigner } from './evmSigner'
export { summarize } from './summarize'
export type { TransferAuthorization, TransferTypedData } from './transferAuthorization'
export { WalletError, type WalletErrorCode } from './WalletError'
export type {
  Asset,
  ChainContext,
  Evidence,
  Fate,
  Hex,
  PrepareContext,
  Prepared,
  Signed,
  Terms,
  TransferSummary,
  Wallet,
} from './wallet'
