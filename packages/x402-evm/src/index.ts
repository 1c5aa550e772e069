export { checksumAddress } from './checksumAddress'
export { type EvmAccount, type EvmWalletClient, evmSigner } from './evmSigner'
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
  Wallet,
} from './wallet'
