import { ARouterError, isARouterError, WalletRejectedError } from './errors'
import { redact } from './redact'

const REJECTED = new Set<unknown>(['user_rejected', 4001])

/** What went wrong when a wallet was asked to `act`, as an error of ours: funds have not moved. */
export function walletFailed(cause: unknown, act: 'sign in' | 'pay'): ARouterError {
  if (isARouterError(cause)) return cause
  const code = codeOf(cause)
  if (REJECTED.has(code)) {
    return new WalletRejectedError(
      `The wallet declined to ${act}. Funds moved: no. Ask again when its owner agrees.`,
      { cause, context: { walletCode: 4001 } },
    )
  }
  return new ARouterError(
    0,
    'wallet_failed',
    `The wallet could not ${act}: ${reasonOf(cause)}. Funds moved: no.`,
    { cause, context: { walletCode: code } },
  )
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? redact(error.message) : 'unknown reason'
}
