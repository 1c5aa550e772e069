import { WalletError } from './WalletError'

/** Turns what a signer threw into a `WalletError`: `user_rejected` if a person said no. */
export function asWalletError(cause: unknown): WalletError {
  if (cause instanceof WalletError) return cause
  return isRejection(cause)
    ? new WalletError('user_rejected', 'The wallet owner declined to sign.', { cause })
    : new WalletError('signer_failed', 'The signer failed to sign.', { cause })
}

// 4001 is "User Rejected Request" of EIP-1193; ACTION_REJECTED is how ethers reports it. Some
// wallets give no code, only a sentence.
function isRejection(error: unknown): boolean {
  let link = error
  for (let depth = 0; depth < 10 && typeof link === 'object' && link !== null; depth++) {
    if ('code' in link && (link.code === 4001 || link.code === 'ACTION_REJECTED')) return true
    if ('name' in link && link.name === 'UserRejectedRequestError') return true
    if ('message' in link && /user (?:rejected|denied|cancel)/i.test(String(link.message)))
      return true
    link = 'cause' in link ? link.cause : undefined
  }
  return false
}
