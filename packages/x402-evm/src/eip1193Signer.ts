import { asWalletError } from './asWalletError'
import { createWallet, type RawSigner, type SignerOptions } from './createWallet'
import {
  accountsOf,
  asker,
  changed,
  type Eip1193Provider,
  locked,
  readAccounts,
  readChainId,
} from './eip1193'
import { signAs } from './signAs'
import type { TransferTypedData } from './transferAuthorization'
import { WalletError } from './WalletError'
import type { Hex, Wallet } from './wallet'

/** How a page's wallet is connected. */
export type Eip1193Options = SignerOptions & {
  /** The account to use. Default: the wallet's first. */
  readonly address?: string
  /** `never`: only an account that the wallet already shows this page. Default `ask`: it may open a window. */
  readonly connect?: 'ask' | 'never'
}

/** What a wallet tells of itself: the accounts it shows now (none if locked), or the CAIP-2 chain it is on. */
export type WalletChange = {
  readonly accounts?: readonly Hex[]
  readonly network?: string
}

/** A wallet in the browser. */
export type Eip1193Wallet = Wallet & {
  /** Tells `listener` when accounts or chain change; returns what ends that. */
  readonly watch: (listener: (change: WalletChange) => void) => () => void
}

/**
 * Makes a wallet from an EIP-1193 provider: connects if it is not, and signs by
 * `eth_signTypedData_v4` and `personal_sign`. The chain is switched only where the wallet will not
 * sign for it otherwise. Throws `WalletError`: `user_rejected` (4001), `unauthorized` (4100),
 * `disconnected` (4900), `unknown_chain` (4902), `request_pending` (-32002), `wallet_locked`,
 * `account_changed`, `wrong_chain`, `unsupported_signer`.
 */
export async function eip1193Signer(
  provider: Eip1193Provider,
  { address: wanted, connect = 'ask', verify }: Eip1193Options = {},
): Promise<Eip1193Wallet> {
  if (typeof provider?.request !== 'function') {
    throw new WalletError('unsupported_signer', 'Not an EIP-1193 provider: it has no `request`.')
  }
  const accounts = await accountsOf(asker(provider), connect).catch((cause) => {
    throw asWalletError(cause)
  })
  const address = wanted === undefined ? accounts[0] : readAccounts([wanted])[0]
  if (address === undefined) throw locked()
  if (!accounts.includes(address)) throw changed(address)

  const raw: RawSigner = {
    address,
    interactive: true,
    signTypedData: (typedData, signal) => {
      const ask = asker(provider, signal)
      const parameters = [address, typedDataJson(typedData)]
      const sign = () => ask('eth_signTypedData_v4', parameters)
      return signAs({ address, ask, chainId: typedData.domain.chainId, sign })
    },
    signMessage: (message, signal) => {
      const ask = asker(provider, signal)
      const sign = () => ask('personal_sign', [toHex(message), address])
      return signAs({ address, ask, chainId: chainOf(message), sign })
    },
  }
  const wallet = createWallet(raw, { verify })
  return { ...wallet, watch: (listener) => watch(provider, listener) }
}

function typedDataJson({ domain, types, primaryType, message }: TransferTypedData): string {
  const EIP712Domain = [
    { name: 'name', type: 'string' },
    { name: 'version', type: 'string' },
    { name: 'chainId', type: 'uint256' },
    { name: 'verifyingContract', type: 'address' },
  ]
  const whole = { domain, types: { EIP712Domain, ...types }, primaryType, message }
  return JSON.stringify(whole, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
}

// A sign-in message names its chain (EIP-4361).
function chainOf(message: string): number | undefined {
  const id = /^Chain ID: (\d{1,15})$/m.exec(message)?.[1]
  return id === undefined ? undefined : Number(id)
}

function toHex(message: string): Hex {
  const bytes = new TextEncoder().encode(message)
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function watch(provider: Eip1193Provider, listener: (change: WalletChange) => void) {
  const onAccounts = (value: unknown) => listener({ accounts: readAccounts(value) })
  const onChain = (value: unknown) => listener({ network: `eip155:${readChainId(value)}` })
  provider.on?.('accountsChanged', onAccounts)
  provider.on?.('chainChanged', onChain)
  return () => {
    provider.removeListener?.('accountsChanged', onAccounts)
    provider.removeListener?.('chainChanged', onChain)
  }
}
