import { providerError } from '../../support/eip1193Double'
import { type SolanaDoubleOptions, standardWalletDouble } from '../../support/solanaWalletDoubles'
import { createOwner } from './owner'
import { answering, iconOf, type WalletDouble } from './WalletDouble'

/** Phantom by Wallet Standard, not yet connected to any page. */
export function phantom(options: SolanaDoubleOptions = {}): WalletDouble {
  const owner = createOwner()
  const onWindow = async (method: string) => {
    if (!(await owner.asked(method))) throw providerError(4001, 'User rejected the request.')
  }
  const { wallet, listeners, shown, connect, signTransaction, signMessage } = standardWalletDouble({
    connected: false,
    onWindow,
    ...options,
  })
  const accounts = () =>
    wallet.accounts.map((account) => ({ ...account, publicKey: [...account.publicKey] }))
  const methods: Readonly<Record<string, (input: unknown) => Promise<unknown>>> = {
    connect: async (input) => {
      await connect(isSilent(input) ? 'silent' : 'ask')
      return accounts()
    },
    signTransaction: async (bytes) => [...(await signTransaction(bytesOf(bytes), shown()[0]))],
    signMessage: async (bytes) => [...(await signMessage(bytesOf(bytes), shown()[0]))],
  }
  return {
    appearance: {
      kind: 'solana',
      name: 'Phantom',
      id: 'Phantom',
      icon: iconOf('Phantom', '#ab9ff2'),
    },
    owner,
    call: (method, [input]) =>
      answering(async () => {
        const known = methods[method]
        if (!known) throw providerError(4200, `${method} is not supported.`)
        return known(input)
      }),
    onEvent: (tell) => {
      listeners.add(() => tell('change', accounts()))
    },
  }
}

function bytesOf(numbers: unknown): Uint8Array {
  if (!Array.isArray(numbers)) throw providerError(-32602, 'Bytes were expected.')
  return Uint8Array.from(numbers)
}

function isSilent(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'silent' in input && Boolean(input.silent)
}
