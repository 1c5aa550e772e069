import { ARouter, isARouterError, type WalletOptions, withX402Payment } from '@arouter/sdk'
import { webStore } from '@arouter/sdk/web'
import { discoverEvmWallets, eip1193Signer } from '@arouter/x402-evm'
import { discoverSolanaWallets, walletStandardSigner } from '@arouter/x402-solana'

/*
 * The page of the wallet tests: a dApp that uses the SDK alone. The tests call it by name.
 */

/** How a call ended, as it crosses to the test. */
export type Outcome =
  | { readonly said: string }
  | {
      readonly name: string
      readonly code: string
      readonly message: string
      readonly fundsMoved: string
      readonly walletCode: unknown
    }

export type Dapp = {
  /** The names of the wallets in this page. */
  readonly discovered: () => readonly string[]
  /** Connects to a wallet by its name and pays at `baseURL` with it; resolves to its address. */
  readonly connect: (
    baseURL: string,
    wallet: string,
    options?: Pick<WalletOptions, 'signIn' | 'networks'>,
  ) => Promise<string | Outcome>
  /** A client with an API key and no wallet. */
  readonly useKey: (baseURL: string, apiKey: string) => void
  readonly chat: (content: string) => Promise<Outcome>
  readonly stream: (content: string) => Promise<Outcome>
  /** Begins a call that `abort` ends; `ended` says how. */
  readonly begin: (content: string) => void
  readonly abort: () => void
  readonly ended: () => Promise<Outcome>
  /** The states of all payments, and what of the budget is spent or set aside, in atomic units. */
  readonly books: () => Promise<{ readonly states: readonly string[]; readonly used: string }>
  /** What `fetch` shows of the headers of an answer. */
  readonly headers: (path: string) => Promise<Readonly<Record<string, string>>>
  /** The longest time, in milliseconds, that the page could do nothing else while it made a call. */
  readonly longestBlock: (content: string) => Promise<number>
}

declare global {
  var dapp: Dapp
}

const evm = discoverEvmWallets()
const solana = discoverSolanaWallets()
const store = webStore()
let client = new ARouter()
let controller = new AbortController()
let begun: Promise<Outcome> = Promise.resolve({ said: '' })

globalThis.dapp = {
  discovered: () => [...evm.wallets(), ...solana.wallets()].map(({ name }) => name),
  connect: async (baseURL, name, options) => {
    const gateway = new ARouter({ baseURL, apiKey: '' })
    try {
      const { address, paying } = await signerOf(name)
      client = withX402Payment(gateway, { store, ...options, ...paying })
      return address
    } catch (error) {
      return outcomeOf(error)
    }
  },
  useKey: (baseURL, apiKey) => {
    client = new ARouter({ baseURL, apiKey })
  },
  chat,
  stream: async (content) => {
    try {
      let said = ''
      for await (const chunk of client.chatCompletionStream(request(content))) {
        said += chunk.choices[0]?.delta.content ?? ''
      }
      return { said }
    } catch (error) {
      return outcomeOf(error)
    }
  },
  begin: (content) => {
    controller = new AbortController()
    begun = chat(content, controller.signal)
  },
  abort: () => controller.abort(),
  ended: () => begun,
  books: async () => {
    const [payments, [budget]] = await Promise.all([client.payments.list(), client.budget.status()])
    const used = (budget?.spent ?? 0n) + (budget?.reserved ?? 0n)
    return { states: payments.map(({ state }) => state), used: String(used) }
  },
  headers: async (path) => Object.fromEntries((await client.fetch(path)).headers),
  longestBlock: async (content) => {
    const { port1, port2 } = new MessageChannel()
    let longest = 0
    let last = performance.now()
    port1.onmessage = () => {
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
      port2.postMessage(undefined)
    }
    port2.postMessage(undefined)
    const outcome = await chat(content)
    port1.close()
    if (!('said' in outcome)) throw new Error(outcome.message)
    return longest
  },
}

async function signerOf(name: string) {
  const found = evm.wallets().find((each) => each.name === name)
  if (found) {
    const signer = await eip1193Signer(found.provider)
    return { address: signer.address, paying: { evm: { signer } } }
  }
  const wallet = solana.wallets().find((each) => each.name === name)?.wallet
  if (!wallet) throw new Error(`there is no wallet ${name}`)
  const signer = await walletStandardSigner(wallet)
  return { address: signer.address, paying: { solana: { signer } } }
}

async function chat(content: string, signal?: AbortSignal): Promise<Outcome> {
  try {
    const { choices } = await client.chatCompletion(request(content), signal && { signal })
    return { said: choices[0]?.message.content ?? '' }
  } catch (error) {
    return outcomeOf(error)
  }
}

function request(content: string) {
  return { model: 'arouter/echo', messages: [{ role: 'user' as const, content }] }
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Error)) return outcomeOf(new Error(String(error)))
  const { name, message } = error
  const code = 'code' in error ? String(error.code) : 'none'
  const known = isARouterError(error) ? error : undefined
  const fundsMoved = known?.fundsMoved ?? 'no'
  return { name, code, message, fundsMoved, walletCode: known?.context.walletCode }
}
