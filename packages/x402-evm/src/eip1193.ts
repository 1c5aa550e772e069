import { checksumAddress } from './checksumAddress'
import { WalletError } from './WalletError'
import type { Hex } from './wallet'

/** What an EVM wallet gives a page (EIP-1193): `window.ethereum`, or what `discoverEvmWallets` found. */
export type Eip1193Provider = {
  request(request: {
    readonly method: string
    readonly params?: readonly unknown[]
  }): Promise<unknown>
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

const malformed = (what: string) =>
  new WalletError('signer_failed', `The wallet gave a malformed answer for its ${what}.`)
