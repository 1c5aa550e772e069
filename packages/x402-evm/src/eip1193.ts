import { checksumAddress } from './checksumAddress'
import { WalletError } from './WalletError'
import type { Hex } from './wallet'

/** What an EVM wallet gives a page (EIP-1193): `window.ethereum`, or what `discoverEvmWallets` found. */
export type Eip1193Provider = {
  request(request: { readonly method: string; readonly params?: unknown }): Promise<unknown>
  on?(event: string, listener: (value: unknown) => void): unknown
  removeListener?(event: string, listener: (value: unknown) => void): unknown
}

/** Asks a wallet, unless the signal has been aborted: no window opens for a call that is over. */
export type AskWallet = (method: string, params?: readonly unknown[]) => Promise<unknown>

/** A way to ask `provider` on behalf of one call. */
export function asker(provider: Eip1193Provider, signal?: AbortSignal): AskWallet {
  return async (method, params) => {
    signal?.throwIfAborted()
    const answer = await provider.request(params ? { method, params } : { method })
    signal?.throwIfAborted()
    return answer
  }
}

/** The addresses a wallet shows, in EIP-55. Throws `WalletError` `signer_failed` for anything else. */
export function readAccounts(answer: unknown): readonly Hex[] {
  if (Array.isArray(answer) && answer.every((each) => typeof each === 'string')) {
    return answer.map(checksumAddress)
  }
  throw malformed('accounts')
}

/** A chain id in hex, as a number. Throws `WalletError` `signer_failed` for anything else. */
export function readChainId(answer: unknown): number {
  const id = typeof answer === 'string' && /^0x[0-9a-f]+$/i.test(answer) ? Number(answer) : 0
  if (Number.isSafeInteger(id) && id > 0) return id
  throw malformed('chain')
}

/** The accounts a wallet shows this page, asking for them if there are none and it may be asked. */
export async function accountsOf(
  ask: AskWallet,
  connect: 'ask' | 'never',
): Promise<readonly Hex[]> {
  const shown = readAccounts(await ask('eth_accounts'))
  if (shown.length > 0) return shown
  const accounts = connect === 'ask' ? readAccounts(await ask('eth_requestAccounts')) : shown
  if (accounts.length === 0) throw locked()
  return accounts
}

/** What is thrown when a wallet shows no account. */
export const locked = () =>
  new WalletError(
    'wallet_locked',
    'The wallet shows this page no account: unlock it, and connect it to this page.',
  )

/** What is thrown when a wallet has, or signs with, another account than the one it was made with. */
export const changed = (address: Hex) =>
  new WalletError(
    'account_changed',
    `The wallet does not use ${address} here any more. Select it again, or connect with the new account.`,
  )

const malformed = (what: string) =>
  new WalletError('signer_failed', `The wallet gave a malformed answer for its ${what}.`)
