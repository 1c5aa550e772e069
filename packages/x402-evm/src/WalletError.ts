/** What went wrong in a wallet, stable across versions. */
export type WalletErrorCode =
  | 'user_rejected'
  | 'unauthorized'
  | 'disconnected'
  | 'unknown_chain'
  | 'wrong_chain'
  | 'request_pending'
  | 'wallet_locked'
  | 'account_changed'
  | 'signer_failed'
  | 'bad_signature'
  | 'unsupported_signer'
  | 'invalid_address'
  | 'rpc_failed'
  | 'refused'

/** A wallet, or the chain behind it, would not do what was asked. Its text holds no key or signature. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode
  /** The wallet's own code where it gave one, such as 4001 or 4902 (EIP-1193, EIP-3326). */
  readonly walletCode: number | undefined

  constructor(
    code: WalletErrorCode,
    message: string,
    options?: { readonly cause?: unknown; readonly walletCode?: number },
  ) {
    super(message, options)
    this.code = code
    this.walletCode = options?.walletCode
  }
}
