import {
  type Eip1193DoubleOptions,
  eip1193Double,
  providerError,
} from '../../support/eip1193Double'
import { createOwner } from './owner'
import { answering, iconOf, type WalletDouble } from './WalletDouble'

/** An EVM wallet, with what its owner can do in it. */
export type EvmWalletDouble = WalletDouble &
  Pick<ReturnType<typeof eip1193Double>, 'calls' | 'keys' | 'lock' | 'select' | 'moveTo'>

/** MetaMask, not yet connected to any page. */
export function metaMask(options: Eip1193DoubleOptions = {}): EvmWalletDouble {
  return evmWallet('MetaMask', 'io.metamask', '#e2761b', options)
}

/** Coinbase Wallet, which signs for any chain. */
export function coinbaseWallet(options: Eip1193DoubleOptions = {}): EvmWalletDouble {
  const minds = 'nothing' as const
  return evmWallet('Coinbase Wallet', 'com.coinbase.wallet', '#0052ff', { minds, ...options })
}

function evmWallet(
  name: string,
  rdns: string,
  colour: string,
  options: Eip1193DoubleOptions,
): EvmWalletDouble {
  const owner = createOwner()
  const onWindow = async (method: string) => {
    if (!(await owner.asked(method))) throw providerError(4001, 'User rejected the request.')
  }
  const double = eip1193Double({ connected: false, onWindow, ...options })
  return {
    ...double,
    appearance: { kind: 'evm', name, id: rdns, icon: iconOf(name, colour) },
    owner,
    call: (method, params) => answering(() => double.provider.request({ method, params })),
    onEvent: (tell) => {
      for (const event of ['accountsChanged', 'chainChanged']) {
        double.provider.on(event, (value) => tell(event, value))
      }
    },
  }
}
