import { field } from './blockhash'
import { type BrowserOptions, browserSigner, type SolanaBrowserWallet } from './browserSigner'
import { assetOf } from './networks'
import { WalletError } from './WalletError'

/** The part of a Wallet Standard account that is used. */
export type StandardAccount = { readonly address: string; readonly chains: readonly string[] }

/** The part of a Wallet Standard wallet that is used. */
export type StandardWallet = {
  readonly name: string
  readonly icon: string
  readonly features: object
  readonly accounts: readonly StandardAccount[]
}

/**
 * Makes a wallet from a Wallet Standard wallet: connects if it is not, and signs raw bytes by
 * `solana:signTransaction` and `solana:signMessage`. Throws `WalletError`: `user_rejected` (4001),
 * `wallet_locked`, `account_changed`, `unsupported_signer`.
 */
export async function walletStandardSigner(
  wallet: StandardWallet,
  options: BrowserOptions = {},
): Promise<SolanaBrowserWallet> {
  if (!isSolanaWallet(wallet)) {
    throw new WalletError(
      'unsupported_signer',
      'Not a Wallet Standard wallet that signs version 0 transactions of Solana.',
    )
  }
  const accounts = () =>
    wallet.accounts.filter(({ chains }) => chains.some((chain) => chain.startsWith('solana:')))
  const account = (address: string) => accounts().find((each) => each.address === address)
  return browserSigner(
    {
      accounts: () => accounts().map(({ address }) => address),
      connect: (mode) =>
        call(wallet, 'standard:connect', mode === 'silent' ? { silent: true } : undefined),
      signTransaction: async (transaction, address, network) => {
        const chain = assetOf(network)?.testnet ? 'solana:devnet' : 'solana:mainnet'
        const input = { account: account(address), transaction, chain }
        return bytesOf(await call(wallet, 'solana:signTransaction', input), 'signedTransaction')
      },
      signMessage: async (message, address) => {
        const input = { account: account(address), message }
        return bytesOf(await call(wallet, 'solana:signMessage', input), 'signature')
      },
      watch: (listener) => {
        const changed = (properties: unknown) => {
          if (field(properties, 'accounts') === undefined) return
          listener({ accounts: accounts().map(({ address }) => address) })
        }
        const feature = field(wallet.features, 'standard:events')
        const on = field(feature, 'on')
        const off = typeof on === 'function' ? on.call(feature, 'change', changed) : undefined
        return () => typeof off === 'function' && off()
      },
    },
    options,
  )
}

/** Whether something is a Wallet Standard wallet that can pay: it connects, and signs version 0. */
export function isSolanaWallet(value: unknown): value is StandardWallet {
  const features = field(value, 'features')
  const signing = field(features, 'solana:signTransaction')
  const versions = field(signing, 'supportedTransactionVersions')
  return (
    typeof field(value, 'name') === 'string' &&
    Array.isArray(field(value, 'accounts')) &&
    typeof field(field(features, 'standard:connect'), 'connect') === 'function' &&
    typeof field(signing, 'signTransaction') === 'function' &&
    Array.isArray(versions) &&
    versions.includes(0)
  )
}

// A feature is named `namespace:method`, and is called on its own object.
async function call(wallet: StandardWallet, name: string, input: unknown): Promise<unknown> {
  const feature = field(wallet.features, name)
  const method = field(feature, name.slice(name.indexOf(':') + 1))
  if (typeof method !== 'function') {
    throw new WalletError('unsupported_signer', `The wallet has no ${name}.`)
  }
  return method.call(feature, input)
}

function bytesOf(outputs: unknown, key: string): Uint8Array {
  const bytes = Array.isArray(outputs) ? field(outputs[0], key) : undefined
  if (bytes instanceof Uint8Array) return Uint8Array.from(bytes)
  throw new WalletError('bad_signature', 'The wallet returned no bytes.')
}
