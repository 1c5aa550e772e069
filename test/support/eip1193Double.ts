import type { Hex, LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A viem account: of a private key, or a smart one. */
export type Key = Pick<LocalAccount, 'address' | 'signTypedData' | 'signMessage'>

/** How a wallet differs from MetaMask, unlocked, connected, on Base. */
export type Eip1193DoubleOptions = {
  readonly accounts?: readonly Key[]
  readonly connected?: boolean
  readonly locked?: boolean
  readonly chainId?: number
  readonly knownChains?: readonly number[]
  /** MetaMask signs typed data for the chain it is on only; others do not look. */
  readonly minds?: 'the chain' | 'nothing'
  /** What is at the accounts' addresses: contract wallets have code. */
  readonly code?: Hex
  /** Called while a window is open: what it throws is the answer. */
  readonly onWindow?: (method: string) => void | Promise<void>
  /** Which account's key is used, whatever account was asked for. */
  readonly signsWith?: () => Key
}

/** The error objects of EIP-1193. */
export const providerError = (code: number, message: string) =>
  Object.assign(new Error(message), { code })

const chainIdOf = (chain: unknown) =>
  typeof chain === 'object' && chain !== null ? Number(Reflect.get(chain, 'chainId')) : 0

/** A browser wallet as EIP-1193, EIP-1102, EIP-3326 and EIP-3085 have it, its keys made here. */
export function eip1193Double(options: Eip1193DoubleOptions = {}) {
  const keys = options.accounts ?? [privateKeyToAccount(generatePrivateKey())]
  const known = new Set(options.knownChains ?? [1, 8453])
  const listeners = new Map<string, Set<(value: unknown) => void>>()
  const windows: string[] = []
  const calls: { readonly method: string; readonly params: readonly unknown[] }[] = []
  let shown: readonly Key[] = options.connected === false ? [] : keys
  let isLocked = options.locked ?? false
  let chainId = options.chainId ?? 8453

  const emit = (event: string, value: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(value)
  }
  const accounts = () => (isLocked ? [] : shown.map(({ address }) => address.toLowerCase()))
  const open = async (method: string) => {
    windows.push(method)
    await options.onWindow?.(method)
  }
  const keyOf = (address: unknown) => {
    const key = shown.find((each) => each.address.toLowerCase() === String(address).toLowerCase())
    if (isLocked || !key) throw providerError(4100, 'The requested account is not authorized.')
    return key
  }
  const moveTo = (id: number) => {
    chainId = id
    emit('chainChanged', `0x${id.toString(16)}`)
  }

  const methods: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_accounts: accounts,
    eth_chainId: () => `0x${chainId.toString(16)}`,
    eth_getCode: () => options.code ?? '0x',
    eth_requestAccounts: async () => {
      if (accounts().length > 0) return accounts()
      await open('eth_requestAccounts')
      isLocked = false
      if (shown.length === 0) shown = keys
      emit('accountsChanged', accounts())
      return accounts()
    },
    eth_signTypedData_v4: async ([address, json]) => {
      const asked = keyOf(address)
      const { domain, types, primaryType, message } = JSON.parse(String(json))
      // MetaMask hashes the domain by the types it is given, and takes none to be none.
      if (!types.EIP712Domain || !types[primaryType]) {
        throw providerError(-32602, 'The types lack EIP712Domain, or the primary type.')
      }
      if (options.minds !== 'nothing' && Number(domain.chainId) !== chainId) {
        throw providerError(
          -32603,
          `Provided chainId "${domain.chainId}" must match the active chainId "${chainId}"`,
        )
      }
      await open('eth_signTypedData_v4')
      const { EIP712Domain: _, ...others } = types
      const key = options.signsWith?.() ?? asked
      return key.signTypedData({ domain, types: others, primaryType, message })
    },
    personal_sign: async ([message, address]) => {
      const asked = keyOf(address)
      await open('personal_sign')
      const key = options.signsWith?.() ?? asked
      return key.signMessage({ message: { raw: message as Hex } })
    },
    wallet_switchEthereumChain: async ([chain]) => {
      const id = chainIdOf(chain)
      if (!known.has(id)) throw providerError(4902, 'Unrecognized chain ID.')
      await open('wallet_switchEthereumChain')
      moveTo(id)
      return null
    },
    wallet_addEthereumChain: async ([chain]) => {
      const id = chainIdOf(chain)
      await open('wallet_addEthereumChain')
      known.add(id)
      moveTo(id)
      return null
    },
  }
  return {
    keys,
    /** The windows that opened, by the method that opened them. */
    windows,
    calls,
    /** What the person does in the wallet itself. */
    select: (...selected: readonly Key[]) => {
      shown = selected
      emit('accountsChanged', accounts())
    },
    lock: () => {
      isLocked = true
      emit('accountsChanged', [])
    },
    moveTo,
    provider: {
      request: async ({ method, params: given }: { method: string; params?: unknown }) => {
        const params: readonly unknown[] = Array.isArray(given) ? given : []
        calls.push({ method, params })
        const answer = methods[method]
        if (!answer) throw providerError(4200, `The method ${method} is not supported.`)
        return answer(params)
      },
      on: (event: string, listener: (value: unknown) => void) => {
        const all = listeners.get(event) ?? new Set()
        listeners.set(event, all.add(listener))
      },
      removeListener: (event: string, listener: (value: unknown) => void) => {
        listeners.get(event)?.delete(listener)
      },
    },
    /** How many listeners there are. */
    listening: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  }
}
