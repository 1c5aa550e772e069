import type { ARouter, WalletOptions } from '@arouter/sdk'
import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from 'react'
import { type Binding, createBinding } from './createBinding'

/** What an {@link ARouterProvider} is given; read once, when it appears. Give it a `key` to change it. */
export type ARouterProviderProps = {
  /** A client of the gateway, without key or wallet. */
  readonly client: ARouter
  /** How a wallet signs in and pays once one is connected. Default store: `webStore()`. */
  readonly options?: WalletOptions
  readonly children?: ReactNode
}

const BindingContext = createContext<Binding | undefined>(undefined)

/** Gives the hooks below it one gateway, one wallet and one set of books. */
export function ARouterProvider({ client, options, children }: ARouterProviderProps): ReactNode {
  const [value] = useState(() => createBinding(client, options))
  // The wallet is followed as long as the provider is there, whichever hooks are in use.
  useEffect(() => value.wallets.subscribe(() => {}), [value])
  return createElement(BindingContext.Provider, { value }, children)
}

/** @throws TypeError outside of an {@link ARouterProvider}. */
export function useBinding(): Binding {
  const binding = useContext(BindingContext)
  if (binding) return binding
  throw new TypeError('The hooks of @arouter/react work inside <ARouterProvider> only.')
}
