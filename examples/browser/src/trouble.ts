import { isARouterError } from '@arouter/sdk'

/** A failure in words: what happened, and what became of the money. */
export type Trouble = { readonly title: string; readonly detail: string }

const TITLES: Readonly<Record<string, string>> = {
  approval_denied: 'You chose not to pay.',
  wallet_rejected: 'You declined in your wallet.',
  user_rejected: 'You declined in your wallet.',
  wallet_locked: 'Your wallet is locked. Unlock it and try again.',
  request_pending: 'Your wallet is already asking. Open it and answer there.',
  account_changed: 'Your wallet changed to another account.',
  budget_exceeded: 'The budget for today is used up.',
  connection_error: 'The gateway cannot be reached.',
  timeout: 'The gateway did not answer in time.',
  payment_rejected: 'The gateway refused the payment.',
  payment_unconfirmed: 'The payment is not confirmed yet.',
  paid_but_failed: 'You paid, and no answer came.',
}

const MONEY = {
  no: 'No money moved.',
  maybe: 'Money may have moved. Try again: the same payment is used, never a second one.',
  yes: 'Your credit is safe. Try again to use it.',
} as const

/** What to tell a person about an error. */
export function describe(error: unknown): Trouble {
  const code = typeof error === 'object' && error && 'code' in error ? String(error.code) : ''
  const walletCode = isARouterError(error) ? String(error.context.walletCode) : ''
  const message = error instanceof Error ? error.message : String(error)
  return {
    title: TITLES[code] ?? TITLES[walletCode] ?? message.replace(/ ?Funds moved: .*/, ''),
    detail: MONEY[isARouterError(error) ? error.fundsMoved : 'no'],
  }
}
