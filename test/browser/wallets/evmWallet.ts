import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createOwner, type Owner } from './owner'
import { answering, iconOf, type WalletDouble, WalletFaultError } from './WalletDouble'

const BASE = '0x2105'
const MAINNET = '0x1'

export type EvmWalletOptions = {
  readonly name: string
  /** EIP-6963 reverse domain name. */
  readonly rdns: string
  readonly colour: string
  /** How many accounts it holds. Default 1. */
  readonly accounts?: number
  /** Hex. Default Base. */
  readonly chainId?: string
  /** Chains it can switch to. Default Ethereum and Base. */
  readonly knows?: readonly string[]
  /** The accounts that a connected page sees. Default all. */
  readonly shows?: 'all' | 'the selected'
  /** Whether it signs typed data only for the chain it is on, as MetaMask does. */
  readonly minds?: 'the chain' | 'no chain'
  /** Signs a digest in place of its account's key, as a contract wallet does. */
  readonly contract?: { readonly address: Hex; readonly wrap: (signature: Hex) => Hex }
}

/** An EIP-1193 wallet, with the levers its owner has. */
export type EvmWalletDouble = WalletDouble & {
  /** EIP-55, the selected one first. */
  readonly addresses: () => readonly Hex[]
  readonly lock: () => Promise<void>
  /** Selects the next account. */
  readonly switchAccount: () => Promise<void>
  readonly switchChain: (chainId: string) => Promise<void>
}

/** MetaMask, as its documentation and EIP-1193 describe it. */
export function metaMask(options: Partial<EvmWalletOptions> = {}): EvmWalletDouble {
  const fixed = { name: 'MetaMask', rdns: 'io.metamask', colour: '#e2761b' } as const
  return evmWallet({ ...fixed, minds: 'the chain', ...options })
}

/** The extension of Coinbase Wallet. */
export function coinbaseWallet(options: Partial<EvmWalletOptions> = {}): EvmWalletDouble {
  const fixed = { name: 'Coinbase Wallet', rdns: 'com.coinbase.wallet', colour: '#0052ff' } as const
  return evmWallet({ ...fixed, minds: 'no chain', ...options })
}

export function evmWallet(options: EvmWalletOptions): EvmWalletDouble {
  const { name, rdns, colour, contract, minds = 'no chain', shows = 'all' } = options
  const owner = createOwner()
  const known = new Set(options.knows ?? [MAINNET, BASE])
  const accounts = Array.from({ length: options.accounts ?? 1 }, () =>
    privateKeyToAccount(generatePrivateKey()),
  )
  let chainId = options.chainId ?? BASE
  let locked = false
  let permitted = false
  let connecting = false
  let tell: (event: string, detail: unknown) => Promise<void> = async () => {}

  const addresses = () => (contract ? [contract.address] : accounts.map(({ address }) => address))
  // MetaMask shows its accounts in lower case.
  const shown = () => {
    if (locked || !permitted) return []
    return addresses()
      .slice(0, shows === 'all' ? undefined : 1)
      .map((address) => address.toLowerCase())
  }
  const signerOf = (address: unknown) => {
    const index = shown().indexOf(String(address).toLowerCase())
    const account = accounts[index]
    if (account) return account
    throw new WalletFaultError(4100, 'The requested account has not been authorized by the user.')
  }
  const wrap = (signature: Hex) => (contract ? contract.wrap(signature) : signature)
  const toChain = async (next: string) => {
    chainId = next
    await tell('chainChanged', chainId)
  }

  const connect = async () => {
    if (shown().length > 0) return shown()
    if (connecting) {
      throw new WalletFaultError(-32002, 'Request of this type is already pending. Please wait.')
    }
    connecting = true
    try {
      await consent(owner, 'eth_requestAccounts')
    } finally {
      connecting = false
    }
    locked = false
    permitted = true
    await tell('accountsChanged', shown())
    return shown()
  }

  const signTypedData = async ([address, json]: readonly unknown[]) => {
    const account = signerOf(address)
    const typedData = JSON.parse(String(json))
    const domainChain = typedData.domain.chainId
    // eth-sig-util hashes the domain by the types it is given, and takes none to be none.
    if (!typedData.types.EIP712Domain || !typedData.types[typedData.primaryType]) {
      throw new WalletFaultError(-32602, 'The types lack EIP712Domain or the primary type.')
    }
    if (minds === 'the chain' && BigInt(domainChain) !== BigInt(chainId)) {
      throw new WalletFaultError(
        -32603,
        `Provided chainId "${domainChain}" must match the active chainId "${BigInt(chainId)}"`,
      )
    }
    await consent(owner, 'eth_signTypedData_v4')
    return wrap(await account.signTypedData(typedData))
  }

  const methods: Readonly<Record<string, (params: readonly unknown[]) => Promise<unknown>>> = {
    eth_accounts: async () => shown(),
    eth_requestAccounts: connect,
    eth_chainId: async () => chainId,
    wallet_switchEthereumChain: async ([to]) => {
      const next = chainOf(to)
      if (next === chainId) return null
      if (!known.has(next)) {
        throw new WalletFaultError(4902, `Unrecognized chain ID "${next}". Try adding the chain.`)
      }
      await consent(owner, 'wallet_switchEthereumChain')
      await toChain(next)
      return null
    },
    wallet_addEthereumChain: async ([chain]) => {
      await consent(owner, 'wallet_addEthereumChain')
      known.add(chainOf(chain))
      return null
    },
    eth_signTypedData_v4: signTypedData,
    personal_sign: async ([message, address]) => {
      const account = signerOf(address)
      await consent(owner, 'personal_sign')
      return wrap(await account.signMessage({ message: { raw: message as Hex } }))
    },
  }

  return {
    appearance: { kind: 'evm', name, id: rdns, icon: iconOf(colour) },
    owner,
    addresses,
    call: (method, params) =>
      answering(async () => {
        const known = methods[method]
        if (!known) throw new WalletFaultError(4200, `The method ${method} is not supported.`)
        return known(params)
      }),
    onEvent: (listener) => {
      tell = listener
    },
    lock: async () => {
      locked = true
      await tell('accountsChanged', [])
    },
    switchAccount: async () => {
      const first = accounts.shift()
      if (first) accounts.push(first)
      await tell('accountsChanged', shown())
    },
    switchChain: toChain,
  }
}

function chainOf(parameter: unknown): string {
  if (typeof parameter === 'object' && parameter !== null && 'chainId' in parameter) {
    return String(parameter.chainId).toLowerCase()
  }
  throw new WalletFaultError(-32602, 'A chain is { chainId }.')
}

async function consent(owner: Owner, method: string): Promise<void> {
  if (await owner.asked(method)) return
  throw new WalletFaultError(4001, 'User rejected the request.')
}
