import { asWalletError } from './asWalletError'
import { createWallet, type RawSigner, type SignerOptions } from './createWallet'
import { type AskWallet, asker, type Eip1193Provider, readAccounts, readChainId } from './eip1193'
import { switchChain } from './switchChain'
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

  const assertShown = async (ask: AskWallet, connect: 'ask' | 'never') => {
    if (!(await accountsOf(ask, connect)).includes(address)) throw changed(address)
  }
  const signOn = async (
    chainId: number | undefined,
    ask: AskWallet,
    sign: () => Promise<unknown>,
  ) => {
    await assertShown(ask, 'ask')
    const isThere = chainId === undefined || readChainId(await ask('eth_chainId')) === chainId
    const signed = isThere ? await sign() : await signElsewhere(chainId, ask, sign)
    await assertShown(ask, 'never')
    return signed
  }
  const raw: RawSigner = {
    address,
    interactive: true,
    signTypedData: (typedData, signal) => {
      const ask = asker(provider, signal)
      return signOn(typedData.domain.chainId, ask, () =>
        ask('eth_signTypedData_v4', [address, typedDataJson(typedData)]),
      )
    },
    signMessage: (message, signal) => {
      const ask = asker(provider, signal)
      return signOn(chainOf(message), ask, () => ask('personal_sign', [toHex(message), address]))
    },
  }
  const wallet = createWallet(raw, { verify })
  return { ...wallet, watch: (listener) => watch(provider, listener) }
}

async function accountsOf(ask: AskWallet, connect: 'ask' | 'never'): Promise<readonly Hex[]> {
  const shown = readAccounts(await ask('eth_accounts'))
  if (shown.length > 0) return shown
  const accounts = connect === 'ask' ? readAccounts(await ask('eth_requestAccounts')) : shown
  if (accounts.length === 0) throw locked()
  return accounts
}

// A key signs the same on any chain, so most wallets need no switch; asking for one would be a window
// too many. Those that do need it refuse at once. A contract's signature holds on its chain alone.
async function signElsewhere(chainId: number, ask: AskWallet, sign: () => Promise<unknown>) {
  try {
    const signature = await sign()
    if (String(signature).length <= 132) return signature
  } catch (cause) {
    const error = asWalletError(cause)
    if (error.code !== 'signer_failed' && error.code !== 'unknown_chain') throw error
  }
  await switchChain(chainId, ask)
  return sign()
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

const locked = () =>
  new WalletError(
    'wallet_locked',
    'The wallet shows this page no account: unlock it, and connect it to this page.',
  )

const changed = (address: Hex) =>
  new WalletError(
    'account_changed',
    `The wallet no longer uses ${address} here. Select it again, or connect with the new account.`,
  )
