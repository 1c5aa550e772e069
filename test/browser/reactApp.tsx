import { ARouterProvider, useARouter, usePayments, useWallets } from '@arouter/react'
import { ARouter } from '@arouter/sdk'
import { StrictMode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server'

/*
 * The page of the tests of @arouter/react: shows what its hooks say. The tests call it by name.
 */

/** What the hooks said last, fit to cross to a test. */
export type Shown = {
  readonly wallets: readonly string[]
  readonly status: string
  readonly wallet: string | undefined
  readonly address: string | undefined
  readonly error: string | undefined
  readonly states: readonly string[]
  readonly remaining: string | undefined
}

export type ReactApp = {
  /** Renders a provider for the gateway at `baseURL`, twice over as StrictMode does. */
  readonly mount: (baseURL: string) => void
  /** Renders it on the server's side first, and takes over from that; resolves to what went wrong. */
  readonly hydrate: (baseURL: string) => Promise<readonly string[]>
  readonly unmount: () => void
  readonly shown: () => Shown
  readonly connect: (wallet: string) => Promise<boolean>
  readonly disconnect: () => void
  readonly chat: (content: string) => Promise<string>
}

declare global {
  var reactApp: ReactApp
}

type Hooks = ReturnType<typeof useWallets> &
  ReturnType<typeof usePayments> & { readonly client: ARouter; readonly unpaid: unknown }

let hooks: Hooks
let root: Root

function App() {
  const { error: unpaid, ...payments } = usePayments()
  hooks = { ...payments, unpaid, ...useWallets(), client: useARouter() }
  return <p>{hooks.status}</p>
}

function tree(baseURL: string) {
  return (
    <StrictMode>
      <ARouterProvider client={new ARouter({ baseURL })}>
        <App />
      </ARouterProvider>
    </StrictMode>
  )
}

function place(): HTMLElement {
  const found = document.getElementById('root')
  if (!found) throw new Error('the page has no root')
  return found
}

globalThis.reactApp = {
  mount: (baseURL) => {
    root = createRoot(place())
    root.render(tree(baseURL))
  },
  hydrate: async (baseURL) => {
    const wrong: string[] = []
    place().innerHTML = renderToString(tree(baseURL))
    root = hydrateRoot(place(), tree(baseURL), {
      onRecoverableError: (error) => wrong.push(String(error)),
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    return wrong
  },
  unmount: () => root.unmount(),
  shown: () => ({
    wallets: hooks.wallets.map(({ name }) => name),
    status: hooks.status,
    wallet: hooks.wallet?.name,
    address: hooks.address,
    error: hooks.error instanceof Error ? codeOf(hooks.error) : undefined,
    states: hooks.payments.map(({ state }) => state),
    remaining: hooks.budget && String(hooks.budget.remaining),
  }),
  connect: async (name) => {
    const choice = hooks.wallets.find((each) => each.name === name)
    if (!choice) throw new Error(`there is no wallet ${name}`)
    return (await hooks.connect(choice)) !== undefined
  },
  disconnect: () => hooks.disconnect(),
  chat: async (content) => {
    const messages = [{ role: 'user' as const, content }]
    try {
      const { choices } = await hooks.client.chatCompletion({ model: 'arouter/echo', messages })
      return choices[0]?.message.content ?? ''
    } catch (error) {
      return codeOf(error)
    }
  },
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
