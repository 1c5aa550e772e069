import { field } from './field'
import { WalletError, type WalletErrorCode } from './WalletError'

// EIP-1193, "Provider Errors"; 4902 is of EIP-3326, and -32002 what wallets say while one of their
// windows is open.
const KNOWN: Readonly<Record<number, readonly [WalletErrorCode, string]>> = {
  4001: ['user_rejected', 'The wallet owner declined to sign.'],
  4100: ['unauthorized', 'The wallet does not let this page use the account.'],
  4900: ['disconnected', 'The wallet is disconnected from every chain.'],
  4901: ['disconnected', 'The wallet is disconnected from this chain.'],
  4902: ['unknown_chain', 'The wallet does not know the chain.'],
  [-32002]: ['request_pending', 'The wallet has another request open: answer that first.'],
}

/** Turns what a signer threw into a `WalletError`: `user_rejected` if a person said no. */
export function asWalletError(cause: unknown): WalletError {
  if (cause instanceof WalletError) return cause
  const walletCode = codeOf(cause)
  const [code, message] = KNOWN[walletCode ?? 0] ?? ['signer_failed', 'The signer failed to sign.']
  return new WalletError(code, message, { cause, ...(walletCode && { walletCode }) })
}

// ACTION_REJECTED is how ethers reports a refusal; some wallets give no code, only a sentence. MetaMask
// on phones puts the error it means into `data`.
function codeOf(error: unknown): number | undefined {
  let link = error
  let found: number | undefined
  for (let depth = 0; depth < 10 && link; depth++) {
    if (isRejection(link)) return 4001
    const code = field(link, 'code')
    if (typeof code === 'number' && !(found !== undefined && found in KNOWN)) found = code
    link = field(link, 'cause') ?? field(field(link, 'data'), 'originalError')
  }
  return found
}

function isRejection(error: unknown): boolean {
  const code = field(error, 'code')
  return (
    code === 4001 ||
    code === 'ACTION_REJECTED' ||
    field(error, 'name') === 'UserRejectedRequestError' ||
    /user (?:rejected|denied|cancel)/i.test(String(field(error, 'message')))
  )
}
