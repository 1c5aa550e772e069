/** What went wrong in a wallet, stable across versions. */
export type WalletErrorCode =
  | 'user_rejected'
  | 'signer_failed'
  | 'bad_signature'
  | 'unsupported_signer'
  | 'invalid_address'
  | 'no_blockhash'
  | 'unsupported_runtime'
  | 'rpc_failed'
  | 'refused'

/** A wallet, or the chain behind it, would not do what was asked. Its text holds no key or signature. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode

  constructor(code: WalletErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
