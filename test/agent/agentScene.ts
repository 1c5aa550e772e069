import { openAgent } from '../../packages/sdk/src/agent/openAgent'
import type { ARouterEvent } from '../../packages/sdk/src/events'
import { parseBase } from '../../packages/sdk/src/exchange'
import { type PolicyOptions, readPolicy } from '../../packages/sdk/src/payment/policy'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import { guarded, type Store } from '../../packages/sdk/src/store/Store'
import { scriptedWallet } from '../simulation/scriptedClient'
import { base64, termsFor } from '../simulation/terms'
import { EVM, ORIGIN } from '../simulation/World'
import { makeDigestInstant } from '../support/instantDigest'
import { virtualRuntime } from '../support/virtualRuntime'

/** A request as the seller of a scene saw it. */
export type Seen = {
  readonly method: string
  readonly path: string
  readonly body: string
  /** The value of the header that carries a payment. */
  readonly payment: string | undefined
  readonly proof: string | undefined
  readonly authorization: string | undefined
}

type Answer = (seen: Seen) => Response | Promise<Response>

const MOST_REQUESTS = 500
const PRICE = 1_000_000n

makeDigestInstant()

/** One wallet, one seller that does as it is told, one chain, and a clock that is moved by hand. */
export function agentScene(options: PolicyOptions & { readonly store?: Store } = {}) {
  const seen: Seen[] = []
  const events: ARouterEvent[] = []
  const seller: { bare: Answer; paid: Answer } = {
    bare: () => terms(),
    paid: ({ path, body }) => bought(`${path}${body}`),
  }
  const runtime = virtualRuntime({
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers)
      const request = {
        method: init?.method ?? 'GET',
        path: String(url).slice(ORIGIN.length),
        body: init?.body ? await new Response(init.body).text() : '',
        payment: headers.get('payment-signature') ?? headers.get('x-payment') ?? undefined,
        proof: headers.get('sign-in-with-x') ?? undefined,
        authorization: headers.get('authorization') ?? undefined,
      }
      seen.push(request)
      if (seen.length > MOST_REQUESTS) throw new Error('the wallet asks without end')
      return request.payment ? seller.paid(request) : seller.bare(request)
    },
  })
  const store = options.store ?? { ...memoryStore(), durable: true }
  const { wallet, asked } = scriptedWallet()
  const limits = { rpc: { [EVM.network]: ['https://rpc.test'] }, ...options }
  const open = () =>
    openAgent({
      ...limits,
      places: new Map([[ORIGIN, parseBase(ORIGIN)]]),
      wallets: [wallet],
      policy: readPolicy(limits, [wallet], false),
      runtime,
      store: guarded(store),
      timeout: 10_000,
      maxRetries: 2,
      events: (event) => events.push(event),
    })
  const run = <T>(promise: Promise<T>) => runtime.run(promise)
  let agent = open()
  return {
    seller,
    runtime,
    store,
    asked,
    seen,
    events,
    run,
    agent: () => agent,
    /** The same wallet in a new process. */
    restart: () => {
      agent = open()
      return agent
    },
    call: (path = '/thing', init: RequestInit & { idempotencyKey?: string } = {}) =>
      agent.fetch(ORIGIN + path, init),
    /** Calls and reads the answer to its end. */
    buy: (path = '/thing', init: RequestInit & { idempotencyKey?: string } = {}) =>
      run(agent.fetch(ORIGIN + path, init).then((answer) => answer.text())),
    /** How many different payments reached the seller, and how often. */
    sent: () => {
      const payments = seen.flatMap(({ payment }) => payment ?? [])
      return { different: new Set(payments).size, times: payments.length }
    },
  }
}

/** A 402 in x402 v2, with `extensions`. */
export function terms(extensions?: Readonly<Record<string, unknown>>): Response {
  const plain = termsFor(PRICE, EVM.payTo)
  const header = extensions ? base64({ ...JSON.parse(atob(plain)), extensions }) : plain
  return new Response(null, { status: 402, headers: { 'payment-required': header } })
}

/** What a payment buys. */
export function bought(body: string, init: ResponseInit = {}): Response {
  return new Response(body, { ...init, headers: { ...receipt(), ...init.headers } })
}

/** A receipt for a payment that moved money. */
export function receipt(change: Readonly<Record<string, unknown>> = {}) {
  const content = { success: true, transaction: '0xtx', network: EVM.network, payer: EVM.address }
  return { 'payment-response': base64({ ...content, ...change }) }
}
