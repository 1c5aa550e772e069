import { createWallet, type SignerOptions } from './createWallet'
import { field } from './field'
import type { TransferTypedData } from './transferAuthorization'
import { WalletError } from './WalletError'
import type { Wallet } from './wallet'

/** A viem account, or anything else that signs by itself. */
export type EvmAccount = {
  readonly address: string
  signTypedData(typedData: TransferTypedData): Promise<string>
  signMessage(parameters: { readonly message: string }): Promise<string>
}

/** A viem `WalletClient` that was given its account. */
export type EvmWalletClient = {
  readonly account: { readonly address: string }
  signTypedData(typedData: TransferTypedData): Promise<string>
  signMessage(parameters: { readonly message: string }): Promise<string>
}

/**
 * Makes a wallet from a viem account (`privateKeyToAccount(key)`, or a smart account) or from a viem
 * `WalletClient` with an account. A wallet is returned as it is, and takes no options. Throws
 * `WalletError` `unsupported_signer` for anything else and `invalid_address` if its address is
 * malformed.
 */
export function evmSigner(
  signer: EvmAccount | EvmWalletClient | Wallet,
  options: SignerOptions = {},
): Wallet {
  if (isWallet(signer) && options.verify === undefined) return signer
  const address = addressOf(signer)
  if (isSigner(signer) && address !== undefined) {
    const raw = {
      address,
      signTypedData: (typedData: TransferTypedData) => signer.signTypedData(typedData),
      signMessage: (message: string) => signer.signMessage({ message }),
    }
    return createWallet(raw, options)
  }
  throw new WalletError(
    'unsupported_signer',
    'Not an EVM signer. Pass a viem account, such as privateKeyToAccount(key), or a viem ' +
      'WalletClient created with an account.',
  )
}

function isWallet(value: unknown): value is Wallet {
  return has(value, 'prepare', 'fate') && field(value, 'namespace') === 'eip155'
}

function isSigner(value: unknown): value is EvmAccount | EvmWalletClient {
  return has(value, 'signTypedData', 'signMessage')
}

// A WalletClient has an account, an account has an address.
function addressOf(value: unknown): string | undefined {
  const holder = field(value, 'account') ?? value
  const address = field(holder, 'address')
  return typeof address === 'string' ? address : undefined
}

function has(value: unknown, ...methods: string[]): boolean {
  return methods.every((method) => typeof field(value, method) === 'function')
}
