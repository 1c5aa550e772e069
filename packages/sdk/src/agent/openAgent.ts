import { chainIdOf, STATEMENT, type WalletOptions } from '../bindWallets'
import { gatewayClock } from '../clock'
import { compose, type Interceptor, type Send } from '../compose'
import { decodeBase64 } from '../encoding'
import { ARouterError } from '../errors'
import { emitter } from '../events'
import {
  type Base,
  createExchange,
  type Exchange,
  isRequest,
  type RequestNeed,
  transport,
} from '../exchange'
import { funds } from '../interceptors/funds'
import { leave } from '../interceptors/leave'
import { signInWithX } from '../interceptors/signInWithX'
import { createBudget } from '../payment/budget'
import { type EngineParameters, openBooks } from '../payment/engine'
import { paidButFailed, unconfirmed } from '../payment/failures'
import { archiveKey, needKey } from '../payment/journal'
import { factsOf } from '../payment/Payer'
import { type Policy, readPolicy } from '../payment/policy'
import { createCrowds, purchase } from '../payment/purchase'
import { singleNeed } from '../payment/singleNeed'
import { walletBalances } from '../payment/walletBalances'
import { retry } from '../retry'
import type { Runtime } from '../runtime'
import type { Store } from '../store/Store'
import type { Telemetry } from '../telemetry'
import type { Wallet } from '../wallet'
import { allPayments } from './allPayments'
import type { AgentWallet } from './createAgentWallet'
import { forecast } from './forecast'
import { namedNeed, needOf } from './needOf'
import { orderId } from './orderId'
import { provingSessions } from './provingSessions'
import { heldToSignedOffers, signedReceipt } from './statements'

/** What an agent's wallet does once it is asked for. */
export type Agent = Omit<AgentWallet, 'bind'>

/** An agent's wallet with its options read. */
export type AgentParameters = Omit<WalletOptions, 'store'> & {
  /** By origin. */
  readonly places: ReadonlyMap<string, Base>
  readonly wallets: readonly Wallet[]
  /** Its limits, whatever the origin. */
  readonly policy: Policy
  readonly runtime: Runtime
  readonly store: Store
  /** Milliseconds. */
  readonly timeout: number
  readonly maxRetries: number
  readonly telemetry?: Telemetry | undefined
}

/** One origin: what it takes to pay there, and how a call gets there. */
type Place = { readonly books: Omit<EngineParameters, 'need'>; readonly call: Send }

export function openAgent(parameters: AgentParameters): Agent {
  const { places, wallets, runtime, store, timeout } = parameters
  const open = new Map([...places].map(([origin, base]) => [origin, openPlace(parameters, base)]))
  const placeOf = (origin: string) => {
    const place = open.get(origin)
    if (place) return place
    throw originNotAllowed(origin, [...open.keys()])
  }
  // A scheme may pay from the address of another wallet.
  const addresses = [...new Set(wallets.map(({ address }) => address))]
  const shelves = [...open.keys()].flatMap((origin) =>
    addresses.map((address) => ({ origin, address })),
  )
  return {
    fetch: async (input, init = {}) => {
      const { idempotencyKey, via, ...rest } = init
      const { books, call } = placeOf(originOf(input))
      const exchange = await createExchange(books.base, input, rest, timeout)
      return call({ ...exchange, via, need: await needOf(exchange, idempotencyKey) })
    },
    quote: async (input, init) => {
      const { books } = placeOf(originOf(input))
      const exchange = await createExchange(books.base, input, init, timeout)
      return forecast(openBooks(books), exchange)
    },
    payments: allPayments(store, shelves, ({ origin }, need) =>
      openBooks({ ...placeOf(origin).books, need: singleNeed(need, signedReceipt) }),
    ),
    budget: {
      status: () =>
        Promise.all(
          addresses.map((address) =>
            createBudget(store, address, parameters.policy, runtime.now).status(),
          ),
        ),
    },
    getWalletBalances: async () => {
      const [origin = ''] = open.keys()
      return walletBalances(openBooks(placeOf(origin).books))
    },
    forget: async (origin, key, answer) => {
      const { books } = placeOf(originOf(origin))
      await forget(books, await namedNeed(key), answer)
    },
    orderId: async (origin, name) => {
      const { books } = placeOf(originOf(origin))
      return orderId(store, books, await namedNeed(name))
    },
  }
}

function openPlace(parameters: AgentParameters, base: Base): Place {
  const { wallets, runtime, store, timeout, maxRetries, telemetry, signIn = 'auto' } = parameters
  const clock = gatewayClock(runtime)
  const policy = readPolicy(parameters, wallets, base.loopback)
  const emit = emitter(parameters.events, telemetry?.events)
  const [first, ...others] = wallets.map((signer) => ({
    base,
    runtime,
    clock,
    signer,
    timeout,
    chainId: chainIdOf(signer.address, parameters, [...policy.networks]),
    statement: parameters.statement ?? STATEMENT,
  }))
  if (!first) throw new TypeError('an agent wallet has a wallet')
  const sessions = provingSessions(first, ...others)
  const books = {
    base,
    runtime,
    clock,
    store,
    policy,
    funds: parameters.funds,
    wallets,
    sessions,
    signIn: 'never', // There is nothing to sign in to: what is bought is served at once.
    sent: { count: 0 },
    emit,
  } as const
  const signInFirst = async () => {
    const payer = await whoHasPaid(store, base.origin, wallets)
    if (payer) sessions.activate(payer.address)
    return payer !== undefined
  }
  const proof = signInWithX({ sessions, clock, signIn, signInFirst })
  const layers = [
    ...(telemetry ? [telemetry.call] : []),
    funds,
    leave(runtime),
    buy(books),
    retry(runtime, maxRetries),
    proof,
  ]
  const send: Send = (exchange) => transport(outward(runtime, exchange))(exchange)
  return { books, call: compose(layers, send) }
}

/** `runtime`, with the way out that an exchange has of its own. */
function outward(runtime: Runtime, { via }: Exchange): Runtime {
  return via ? { ...runtime, fetch: via(runtime.fetch) } : runtime
}

/** Owns the headers that carry a payment, and answers 402s. */
function buy(books: Place['books']): Interceptor {
  const { clock, sent } = books
  const crowds = createCrowds()
  return (exchange, next) => {
    const { need, headers } = exchange
    if (!need) throw new TypeError('a call of an agent wallet is for one request')
    const send: Send = (each) => {
      each.turn = ++sent.count
      each.sentAt = clock.now()
      return next(each)
    }
    headers.delete('payment-signature')
    headers.delete('x-payment')
    return crowds(need.id, (crowd) =>
      purchase(
        openBooks({ ...books, need: singleNeed(need, signedReceipt) }),
        exchange,
        send,
        crowd,
        (required) => heldToSignedOffers(required, books),
      ),
    )
  }
}

/** One of the wallets that has a trace of a payment at `origin`. */
async function whoHasPaid(store: Store, origin: string, wallets: readonly Wallet[]) {
  for (const wallet of wallets) {
    const { address } = wallet
    const traces = [`${needKey(origin, address)}/`, archiveKey(origin, address)]
    const found = await Promise.all(traces.map((prefix) => store.list(prefix)))
    if (found.some((entries) => entries.length > 0)) return wallet
  }
  return undefined
}

async function forget(books: Place['books'], id: string, answer?: string): Promise<void> {
  const need: RequestNeed = { id, request: '', resource: '', answer: 'kept' }
  const payer = openBooks({ ...books, need: singleNeed(need, signedReceipt) })
  for (const account of payer.accounts) {
    const attempt = await account.journal.open()
    if (!attempt) continue
    if (attempt.answer) {
      const isKept = attempt.answer !== 'not kept'
      if (isKept && answer !== undefined && decodeBase64(attempt.answer.body) !== answer) continue
      const closed = await account.journal.close(attempt, {})
      payer.emit({ type: 'payment-closed', ...factsOf(closed), state: closed.state })
      continue
    }
    if (attempt.state === 'settled') throw paidButFailed(attempt, 0)
    throw unconfirmed({ payer, attempt })
  }
}

function originOf(input: string | URL | Request): string {
  const url = isRequest(input) ? input.url : String(input)
  if (URL.canParse(url)) return new URL(url).origin
  throw new ARouterError(
    0,
    'invalid_url',
    'An agent wallet takes absolute URLs. Nothing was sent. Funds moved: no.',
  )
}

/** The error for a request to an origin that the user did not name. */
function originNotAllowed(origin: string, allowed: readonly string[]): ARouterError {
  return new ARouterError(
    0,
    'origin_not_allowed',
    `This wallet does not pay at ${origin}. Nothing was sent. Funds moved: no. Name it in origins if it is to.`,
    { context: { origin, allowed } },
  )
}
