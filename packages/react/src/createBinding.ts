import {
  type ARouter,
  type ARouterEvent,
  type BudgetStatus,
  type PaymentRecord,
  type WalletOptions,
  withX402Payment,
} from '@arouter/sdk'
import { webStore } from '@arouter/sdk/web'
import { eip1193Signer } from '@arouter/x402-evm'
import { walletStandardSigner } from '@arouter/x402-solana'
import { type Live, live } from './live'
import { recall, remember } from './remember'
import type { WalletChoice } from './WalletChoice'
import { watchWallets } from './watchWallets'

/** The wallets of this page, and the one in use. */
export type WalletsState = {
  /** Those found so far. */
  readonly wallets: readonly WalletChoice[]
  readonly status: 'disconnected' | 'connecting' | 'connected'
  /** The wallet in use, or the one that is asked. */
  readonly wallet: WalletChoice | undefined
  /** The account in use: EIP-55 or base58. */
  readonly address: string | undefined
  /** Why the last attempt to connect failed; its `code` is `user_rejected` if a person said no. */
  readonly error: unknown
}

/** The books of the wallet in use. */
export type BooksState = {
  /** All payments at this gateway, open ones first. */
  readonly payments: readonly PaymentRecord[]
  /** Undefined without a wallet, and until it is read. */
  readonly budget: BudgetStatus | undefined
  /** Why they could not be read. */
  readonly error: unknown
}

/** What the hooks share under one provider. */
export type Binding = {
  readonly client: Live<ARouter>
  readonly wallets: Live<WalletsState>
  readonly books: Live<BooksState>
  /**
   * Asks a wallet for its accounts and pays with the first from then on. Never rejects: resolves to
   * the paying client, or to undefined where `error` says why, or where another call came after it.
   */
  readonly connect: (choice: WalletChoice) => Promise<ARouter | undefined>
  /** Forgets the wallet; payments and credit stay in the store. */
  readonly disconnect: () => void
  /** Reads the books again. */
  readonly refresh: () => Promise<void>
}

const NOBODY = () => () => {}
const NO_BOOKS: BooksState = { payments: [], budget: undefined, error: undefined }
const NO_WALLET: WalletsState = {
  wallets: [],
  status: 'disconnected',
  wallet: undefined,
  address: undefined,
  error: undefined,
}

/** Binds wallets of this page to `base`, a client without one. Nothing happens before it is watched. */
export function createBinding(base: ARouter, options: WalletOptions = {}): Binding {
  const client = live(base)
  const wallets = live(NO_WALLET, watchPage)
  const books = live(NO_BOOKS, watchBooks)
  const store = options.store ?? webStore()
  let isWatched = false
  let attempts = 0
  let reads = 0
  // How to watch the wallet in use for a change of account, and how to end that.
  let watchAccounts = NOBODY
  let unwatch = () => {}

  const become = (change: Partial<WalletsState>) => wallets.set({ ...wallets.get(), ...change })

  const use = (next: ARouter) => {
    client.set(next)
    books.set(NO_BOOKS)
    refresh()
  }

  const open = async (choice: WalletChoice, connect: 'ask' | 'never') => {
    const mine = ++attempts
    const { wallet, address } = wallets.get()
    // While another account of one wallet takes over, what a page shows of the wallet stays.
    const shown = wallet?.id === choice.id ? address : undefined
    become({ status: 'connecting', wallet: choice, address: shown, error: undefined })
    try {
      const { signer, paying } = await signerOf(choice, connect)
      if (mine !== attempts) return undefined
      const networks = options.networks?.filter((network) => network in signer.networks)
      const own = { ...options, store, events, ...(networks && { networks }) }
      const next = withX402Payment(base, { ...own, ...paying })
      watchOnly(() =>
        signer.watch(({ accounts }) => {
          if (!accounts || accounts[0] === signer.address) return
          if (accounts.length === 0) disconnect()
          else open(choice, 'never')
        }),
      )
      remember(choice.id)
      become({ status: 'connected', address: signer.address })
      use(next)
      return next
    } catch (error) {
      if (mine !== attempts) return undefined
      forget()
      // Nobody asked for what a page tries by itself.
      become({ error: connect === 'ask' ? error : undefined })
      return undefined
    }
  }

  const watchOnly = (watch: () => () => void) => {
    unwatch()
    watchAccounts = watch
    unwatch = watch()
  }

  const forget = () => {
    attempts++
    watchOnly(NOBODY)
    become({ status: 'disconnected', wallet: undefined, address: undefined, error: undefined })
    use(base)
  }

  const disconnect = () => {
    remember(undefined)
    forget()
  }

  // A wallet that was in use before the page was loaded again is in use again, if it needs no asking.
  function watchPage() {
    const last = recall()
    let isNew = true
    watchOnly(watchAccounts)
    const end = watchWallets((found) => {
      become({ wallets: found })
      const choice = found.find(({ id }) => id === last)
      if (!choice || !isNew || wallets.get().status !== 'disconnected') return
      isNew = false
      open(choice, 'never')
    })
    return () => {
      end()
      unwatch()
    }
  }

  const events = (event: ARouterEvent) => {
    refresh()
    return options.events?.(event)
  }

  // Another tab may have paid while this one was out of sight.
  function watchBooks() {
    const onVisible = () => document.visibilityState === 'visible' && refresh()
    document.addEventListener('visibilitychange', onVisible)
    isWatched = true
    refresh()
    return () => {
      document.removeEventListener('visibilitychange', onVisible)
      isWatched = false
    }
  }

  async function refresh() {
    const read = ++reads
    if (!isWatched || client.get() === base) return
    const state = await readBooks(client.get()).catch((error) => ({ ...books.get(), error }))
    if (read === reads) books.set(state)
  }

  return { client, wallets, books, connect: (choice) => open(choice, 'ask'), disconnect, refresh }
}

async function signerOf(choice: WalletChoice, connect: 'ask' | 'never') {
  if (choice.namespace === 'eip155') {
    const signer = await eip1193Signer(choice.provider, { connect })
    return { signer, paying: { evm: { signer } } }
  }
  const signer = await walletStandardSigner(choice.wallet, { connect })
  return { signer, paying: { solana: { signer } } }
}

async function readBooks({ payments, budget }: ARouter): Promise<BooksState> {
  const [list, [status]] = await Promise.all([payments.list(), budget.status()])
  return { payments: list, budget: status, error: undefined }
}
