import { ARouterError, isARouterError, WalletRejectedError } from './errors'
import { plainCause } from './plainCause'
import { redact } from './redact'

/**
 * What went wrong when a wallet was asked to `act`, as an error of ours: funds have not moved.
 * `context.walletCode` is the wallet's own code (EIP-1193), or that of the chain package.
 */
export function walletFailed(cause: unknown, act: 'sign in' | 'pay'): ARouterError {
  if (isARouterError(cause)) return cause
  const { walletCode, code } = codesOf(cause)
  if (code === 'user_rejected' || code === 4001) {
    return new WalletRejectedError(
      `The wallet declined to ${act}. Funds moved: no. Ask again when its owner agrees.`,
      { cause: plainCause(cause), context: { walletCode: 4001 } },
    )
  }
  return new ARouterError(
    0,
    'wallet_failed',
    `The wallet could not ${act}: ${reasonOf(cause)}. Funds moved: no.`,
    { cause: plainCause(cause), context: { walletCode: shownCode(walletCode ?? code) } },
  )
}

function shownCode(code: unknown): unknown {
  if (typeof code === 'string') return redact(code)
  return typeof code === 'number' ? code : undefined
}

function codesOf(error: unknown): { readonly walletCode?: unknown; readonly code?: unknown } {
  return typeof error === 'object' && error !== null ? error : {}
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? redact(error.message) : 'unknown reason'
}
