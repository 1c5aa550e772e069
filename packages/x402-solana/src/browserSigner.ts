import { asWalletError } from './asWalletError'
import { createWallet, type SigningContext } from './createWallet'
import { WalletError } from './WalletError'
import type { Wallet } from './wallet'

/** How a page's wallet is connected. */
export type BrowserOptions = {
  /** The account to use, in base58. Default: the wallet's first. */
  readonly address?: string
  /** `never`: only an account that the wallet shows this page unasked. Default `ask`: it may open a window. */
  readonly connect?: 'ask' | 'never'
}

/** What a wallet tells of itself: the accounts it shows now, none if locked. */
export type WalletChange = { readonly accounts: readonly string[] }

/** A wallet in the browser. */
export type SolanaBrowserWallet = Wallet & {
  /** Tells `listener` when the accounts change; returns what ends that. */
  readonly watch: (listener: (change: WalletChange) => void) => () => void
}

/** What any kind of browser wallet comes down to. */
export type Connection = {
  /** The accounts the wallet shows this page, in base58. */
  readonly accounts: () => readonly string[]
  /** Asks for accounts; if silent, without a window. */
  readonly connect: (mode: 'ask' | 'silent') => Promise<unknown>
  readonly signTransaction: (
    wire: Uint8Array,
    address: string,
    network: string,
  ) => Promise<Uint8Array>
  readonly signMessage: (message: Uint8Array, address: string) => Promise<Uint8Array>
  readonly watch: SolanaBrowserWallet['watch']
}

/** Connects if need be, and makes a wallet that signs with that one account only. */
export async function browserSigner(
  connection: Connection,
  { address: wanted, connect = 'ask' }: BrowserOptions,
): Promise<SolanaBrowserWallet> {
  const accounts = await shown(connection, connect === 'ask' ? 'ask' : 'silent').catch((cause) => {
    throw asWalletError(cause)
  })
  const address = wanted ?? accounts[0]
  if (address === undefined) throw locked()
  if (!accounts.includes(address)) throw changed(address)

  const signing = async (
    signal: AbortSignal | undefined,
    sign: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> => {
    if (!(await shown(connection, 'ask')).includes(address)) throw changed(address)
    signal?.throwIfAborted()
    const signed = await sign().catch((cause) => asWalletError(cause))
    if (signed instanceof WalletError && signed.code !== 'signer_failed') throw signed
    if (!connection.accounts().includes(address)) throw changed(address)
    if (signed instanceof WalletError) throw signed
    return signed
  }
  const wallet = createWallet({
    address,
    interactive: true,
    signTransaction: (wire, { network, signal }: SigningContext) =>
      signing(signal, () => connection.signTransaction(wire, address, network)),
    signMessage: (message, { signal }) =>
      signing(signal, () => connection.signMessage(message, address)),
  })
  return { ...wallet, watch: connection.watch }
}

async function shown(connection: Connection, mode: 'ask' | 'silent'): Promise<readonly string[]> {
  if (connection.accounts().length === 0) {
    await connection.connect(mode).catch((cause) => {
      // Nobody declined: a wallet that may not ask says no by itself.
      throw mode === 'silent' ? locked(cause) : cause
    })
  }
  const accounts = connection.accounts()
  if (accounts.length === 0) throw locked()
  return accounts
}

const locked = (cause?: unknown) =>
  new WalletError(
    'wallet_locked',
    'The wallet shows this page no account: unlock it, and connect it to this page.',
    { cause },
  )

const changed = (address: string) =>
  new WalletError(
    'account_changed',
    `The wallet no longer uses ${address} here. Select it again, or connect with the new account.`,
  )
