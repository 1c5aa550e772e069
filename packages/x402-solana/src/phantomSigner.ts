import { encode58 } from './base58'
import { field } from './blockhash'
import { type BrowserOptions, browserSigner, type SolanaBrowserWallet } from './browserSigner'
import { WalletError } from './WalletError'

type PublicKey = { toBytes(): Uint8Array }

/** What Phantom, and wallets like it, put at `window.phantom.solana`. */
export type PhantomProvider = {
  readonly publicKey: PublicKey | null
  connect(options?: { readonly onlyIfTrusted?: boolean }): Promise<unknown>
  signTransaction(transaction: unknown): Promise<unknown>
  signMessage(message: Uint8Array): Promise<unknown>
  on?(event: string, listener: (value: unknown) => void): unknown
  off?(event: string, listener: (value: unknown) => void): unknown
}

/**
 * Makes a wallet from an injected provider that takes objects of `@solana/web3.js` 1.x, which is
 * loaded now and has to be installed. Prefer `walletStandardSigner`, which needs no more than bytes.
 * Throws `WalletError`: `user_rejected` (4001), `wallet_locked`, `account_changed`,
 * `unsupported_signer`.
 */
export async function phantomSigner(
  provider: PhantomProvider,
  options: BrowserOptions = {},
): Promise<SolanaBrowserWallet> {
  if (typeof provider?.connect !== 'function' || typeof provider.signTransaction !== 'function') {
    throw new WalletError('unsupported_signer', 'Not an injected Solana provider.')
  }
  const { VersionedTransaction } = await web3()
  const accounts = () => (provider.publicKey ? [encode58(provider.publicKey.toBytes())] : [])
  return browserSigner(
    {
      accounts,
      connect: (mode) => provider.connect(mode === 'silent' ? { onlyIfTrusted: true } : undefined),
      signTransaction: async (wire) => {
        const signed = await provider.signTransaction(VersionedTransaction.deserialize(wire))
        const serialize = field(signed, 'serialize')
        return bytesOf(typeof serialize === 'function' ? serialize.call(signed) : undefined)
      },
      signMessage: async (message) =>
        bytesOf(field(await provider.signMessage(message), 'signature')),
      watch: (listener) => {
        const changed = () => listener({ accounts: accounts() })
        provider.on?.('accountChanged', changed)
        provider.on?.('disconnect', changed)
        return () => {
          provider.off?.('accountChanged', changed)
          provider.off?.('disconnect', changed)
        }
      },
    },
    options,
  )
}

async function web3() {
  try {
    return await import('@solana/web3.js')
  } catch (cause) {
    throw new WalletError(
      'unsupported_signer',
      'phantomSigner needs @solana/web3.js 1.x: install it, or use walletStandardSigner.',
      { cause },
    )
  }
}

function bytesOf(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return Uint8Array.from(bytes)
  throw new WalletError('bad_signature', 'The wallet returned no bytes.')
}
