import type { WalletOptions } from '../../packages/sdk/src/bindWallets'
import type { ARouterEvent } from '../../packages/sdk/src/events'
import type { Attempt } from '../../packages/sdk/src/payment/Attempt'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import type { Json, Store } from '../../packages/sdk/src/store/Store'
import type { Wallet } from '../../packages/sdk/src/wallet'
import {
  paidAnswer,
  paymentRequired,
  scriptedClient,
  scriptedWallet,
} from '../simulation/scriptedClient'
import { base64, tokenWith } from '../simulation/terms'
import { EVM, ORIGIN } from '../simulation/World'
import { START, virtualRuntime } from '../support/virtualRuntime'

export const { network: NETWORK, payTo: PAY_TO, address: PAYER, keys: STORE_KEYS } = EVM

/** A request as the gateway of a scene saw it. */
export type Seen = {
  readonly path: string
  readonly token: string | undefined
  /** The value of the header that carries a payment. */
  readonly payment: string | undefined
  readonly at: number
}

type Answer = (seen: Seen) => Response | Promise<Response>

export const TOKEN = tokenWith({ sub: PAYER })
export const DOLLAR = 1_000_000n
const MOST_REQUESTS = 300

export type SceneOptions = WalletOptions & {
  readonly wallets?: readonly [Wallet, ...Wallet[]]
  /** What becomes of the store before the client gets it. */
  readonly around?: (store: Store) => Store
}

/** One wallet, one gateway that does as it is told, one chain, and a clock that is moved by hand. */
export function scene({ wallets, around = (store) => store, ...options }: SceneOptions = {}) {
  const seen: Seen[] = []
  const events: ARouterEvent[] = []
  const gateway: { auth: Answer; bare: Answer; paid: Answer } = {
    auth: () => new Response(null, { status: 404 }),
    bare: ({ token }) => (token ? new Response('{}') : paymentRequired()),
    paid: () => paidAnswer(TOKEN),
  }
  const runtime = virtualRuntime({
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      const path = String(url).slice(ORIGIN.length)
      const request = {
        path,
        token: headers.get('authorization')?.replace('Bearer ', ''),
        payment: headers.get('payment-signature') ?? headers.get('x-payment') ?? undefined,
        at: runtime.now() - START,
      }
      seen.push(request)
      if (seen.length > MOST_REQUESTS) throw new Error('the client asks without end')
      if (path.endsWith('/v1/x402/auth')) return gateway.auth(request)
      return request.payment ? gateway.paid(request) : gateway.bare(request)
    },
  })
  const store: Store = { ...memoryStore(), durable: true }
  const { wallet, asked } = scriptedWallet()
  const open = (more: WalletOptions = {}) =>
    scriptedClient(runtime, around(store), wallets ?? wallet, {
      events: (event) => events.push(event),
      ...options,
      ...more,
    })
  const { call, books } = open()
  const run = <T>(promise: Promise<T>) => runtime.run(promise)
  return {
    gateway,
    runtime,
    store,
    wallet,
    asked,
    seen,
    events,
    books,
    /** Calls and reads the answer to its end; resolves to its status. */
    served: async (path?: string, init?: RequestInit) => {
      const answer = await run(call(path, init))
      await run(answer.text())
      return answer.status
    },
    call,
    run,
    /** What a call fails with. */
    failed: (path?: string, init?: RequestInit) => run(failure(call(path, init))),
    /** The same wallet in a new process. */
    restart: open,
    payments: () => run(books.payments.list()),
    budget: async () => (await run(books.budget.status()))[0],
    /** How many different payments reached the gateway, and how often. */
    sent: () => {
      const payments = seen.flatMap(({ payment }) => payment ?? [])
      return { different: new Set(payments).size, times: payments.length }
    },
    /** Puts an attempt of an earlier process into the journal, as the open one. */
    put: (attempt: Attempt) =>
      store.update(STORE_KEYS.need, () => ({ ...attempt }) as unknown as Json), // JSON by its type
  }
}

/** A journal entry that an earlier process left. */
export function earlier(change: Partial<Attempt> = {}): Attempt {
  return {
    v: 1,
    id: 'earlier',
    state: 'unknown',
    origin: ORIGIN,
    from: PAYER,
    network: NETWORK,
    amount: String(DOLLAR),
    payTo: PAY_TO,
    createdAt: START - 1_000,
    changedAt: START - 1_000,
    worker: 'gone',
    beat: 0,
    lease: 0,
    header: { name: 'PAYMENT-SIGNATURE', value: 'earlier' },
    evidence: { nonce: 'n' },
    expiresAt: START / 1_000 + 60,
    ...change,
  }
}

/** A receipt for our payment in an answer of this status. */
export function receipted(
  status: number,
  change: Readonly<Record<string, unknown>> = {},
): Response {
  const receipt = { success: true, transaction: '0xtx', network: NETWORK, payer: PAYER, ...change }
  return new Response(null, { status, headers: { 'payment-response': base64(receipt) } })
}

/** A 402 that refuses a payment for this reason. */
export function refusing(errorReason: string): Response {
  return receipted(402, { success: false, transaction: '', errorReason })
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const none = Symbol('none')
  const outcome = await promise.then(
    () => none,
    (error: unknown) => error,
  )
  if (outcome === none) throw new Error('it did not fail')
  return outcome
}
