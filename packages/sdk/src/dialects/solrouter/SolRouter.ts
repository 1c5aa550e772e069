import type { AgentWallet } from '../../agent/createAgentWallet'
import { type Connection, requestJson } from '../../api/request'
import { compose, type Send } from '../../compose'
import { isObject } from '../../encoding'
import { ARouterError, invalidOption, isARouterError, withFunds } from '../../errors'
import { parseBase, transport } from '../../exchange'
import { systemRuntime } from '../../runtime'
import { readHints, type SolrouterHints } from './discover'
import { assertServed, refusals } from './errors'
import type {
  AgentAnswer,
  AgentRequest,
  ChatAnswer,
  ChatRequest,
  PaidCallOptions,
  SolrouterBalance,
  SolrouterCallOptions,
  SolrouterModels,
  SolrouterUsage,
} from './types'

type Common = {
  /** Default `https://api.solrouter.com`. */
  readonly baseURL?: string
  /** Milliseconds to the first byte. Default 60,000. */
  readonly timeout?: number
}

/** With a key of an account. */
export type SolRouterOptions = Common & {
  /** `sk_solrouter_` and 20 characters or more. */
  readonly apiKey: string
  /** Used instead of the global `fetch`. */
  readonly customFetch?: typeof fetch
}

/** Without an account: with a wallet that pays for each call on Solana, and has Solrouter among its `origins`. */
export type SolRouterWalletOptions = Common & { readonly wallet: Pick<AgentWallet, 'fetch'> }

/** Solrouter with an API key. */
export type SolRouterClient = {
  /** Asks the agent, in plain text or encrypted. @throws InsufficientCreditsError once a deposit is needed. */
  readonly agent: (request: AgentRequest, options?: SolrouterCallOptions) => Promise<AgentAnswer>
  /** An encrypted chat, debited from the account. */
  readonly chat: (request: ChatRequest, options?: SolrouterCallOptions) => Promise<ChatAnswer>
  readonly balance: (options?: SolrouterCallOptions) => Promise<SolrouterBalance>
  readonly models: (options?: SolrouterCallOptions) => Promise<SolrouterModels>
  readonly usage: (options?: SolrouterCallOptions) => Promise<SolrouterUsage>
  readonly discover: (options?: SolrouterCallOptions) => Promise<SolrouterHints>
}

/** Solrouter without an account. */
export type SolRouterWalletClient = {
  /**
   * An encrypted chat, paid for by itself: the price is what the 402 asks for, within the wallet's limits.
   * @throws what `wallet.fetch` throws; `answer_refused`, `malformed_answer` with `fundsMoved` for what was
   * paid for and came to nothing.
   */
  readonly chat: (request: ChatRequest, options?: PaidCallOptions) => Promise<ChatAnswer>
  readonly models: (options?: SolrouterCallOptions) => Promise<SolrouterModels>
  readonly discover: (options?: SolrouterCallOptions) => Promise<SolrouterHints>
}

const KEY = /^sk_solrouter_[\x21-\x7e]{20,499}$/

/**
 * A client of Solrouter, with an API key or with a wallet. A 200 that says `success: false` is an error.
 * @throws ARouterError `invalid_option` for a key of another form, which is not repeated; `invalid_url`.
 */
export function SolRouter(options: SolRouterOptions): SolRouterClient
export function SolRouter(options: SolRouterWalletOptions): SolRouterWalletClient
export function SolRouter(
  options: SolRouterOptions | SolRouterWalletOptions,
): SolRouterClient | SolRouterWalletClient {
  return 'wallet' in options ? withWallet(options) : withKey(options)
}

function withKey(options: SolRouterOptions): SolRouterClient {
  const { apiKey, customFetch } = options
  if (typeof apiKey !== 'string' || !KEY.test(apiKey)) {
    throw invalidOption('apiKey must be sk_solrouter_ and at least 20 characters more.')
  }
  const fetch: typeof globalThis.fetch =
    customFetch ?? ((input, init) => globalThis.fetch(input, init))
  const runtime = systemRuntime(fetch)
  const open = transport(runtime)
  const connection = connect(options, runtime, [apiKey], (exchange) => {
    exchange.headers.set('authorization', `Bearer ${apiKey}`)
    return open(exchange)
  })
  return {
    agent: async (request, given) => {
      const answer = await ask(connection, 'POST', '/agent', request, given)
      if (isAgentAnswer(answer)) return answer
      throw malformed()
    },
    chat: (request, given) => chat(connection, '/api/v1/chat/completions', request, given),
    balance: async (given) => {
      const answer = await ask(connection, 'GET', '/api/v1/balance', undefined, given)
      if (isBalance(answer)) return answer
      throw malformed()
    },
    usage: async (given) => {
      const answer = await ask(connection, 'GET', '/api/v1/usage', undefined, given)
      if (isObject(answer)) return answer
      throw malformed()
    },
    ...told(connection),
  }
}

function withWallet({ wallet, ...options }: SolRouterWalletOptions): SolRouterWalletClient {
  const runtime = systemRuntime(globalThis.fetch)
  return {
    chat: async (request, { idempotencyKey, ...given } = {}) => {
      // What comes with no request of this call was bought before, or by another one.
      let isPaid = true
      const via = (send: typeof fetch): typeof fetch => {
        return (input, init) => {
          const sent = new Headers(init?.headers)
          isPaid = ['payment-signature', 'x-payment'].some((name) => sent.has(name))
          return send(input, init)
        }
      }
      const connection = connect(
        options,
        runtime,
        [],
        async ({ url, method, headers, body, signal }) => {
          const answer = await wallet.fetch(url, {
            method,
            headers,
            via,
            ...(body !== undefined && { body }),
            ...(signal && { signal }),
            ...(idempotencyKey !== undefined && { idempotencyKey }),
          })
          isPaid &&= answer.ok
          return answer
        },
      )
      try {
        return await chat(connection, '/api/v1/x402/chat/completions', request, given)
      } catch (error) {
        if (!isPaid || !isARouterError(error) || error.fundsMoved !== 'no') throw error
        throw withFunds(error, 'yes', 'It was paid for, and came to nothing: tell Solrouter.')
      }
    },
    // What is free is asked for by the same wallet, which goes nowhere but to its origins.
    ...told(
      connect(options, runtime, [], ({ url, signal }) =>
        wallet.fetch(url, signal ? { signal } : {}),
      ),
    ),
  }
}

function connect(
  { baseURL = 'https://api.solrouter.com', timeout = 60_000 }: Common,
  runtime: Connection['runtime'],
  secrets: readonly string[],
  send: Send,
): Connection {
  const base = parseBase(baseURL)
  return { base, runtime, send: compose([refusals(runtime)], send), timeout, secrets }
}

function told(connection: Connection): Pick<SolRouterClient, 'models' | 'discover'> {
  return {
    models: async (given) => {
      const answer = await ask(connection, 'GET', '/api/v1/models', undefined, given)
      if (isModels(answer)) return answer
      throw malformed()
    },
    discover: async (given) =>
      readHints(await ask(connection, 'GET', '/.well-known/x402', undefined, given)),
  }
}

async function chat(
  connection: Connection,
  path: string,
  request: ChatRequest,
  given: SolrouterCallOptions | undefined,
): Promise<ChatAnswer> {
  const answer = await ask(connection, 'POST', path, request, given)
  if (isChatAnswer(answer)) return answer
  throw malformed()
}

async function ask(
  connection: Connection,
  method: string,
  path: string,
  body: unknown,
  given: SolrouterCallOptions = {},
): Promise<unknown> {
  const answer = await requestJson<unknown>(connection, method, path, body, given)
  assertServed(answer, connection.secrets)
  return answer
}

const isAgentAnswer = (value: unknown): value is AgentAnswer =>
  isObject(value) && (typeof value.reply === 'string' || 'encryptedResponse' in value)

const isChatAnswer = (value: unknown): value is ChatAnswer =>
  isObject(value) &&
  (typeof value.encryptedResponse === 'string' || isObject(value.encryptedResponse))

const isBalance = (value: unknown): value is SolrouterBalance =>
  isObject(value) &&
  typeof value.balance_usdc === 'number' &&
  typeof value.balance_formatted === 'string'

const isModels = (value: unknown): value is SolrouterModels =>
  isObject(value) &&
  Array.isArray(value.data) &&
  value.data.every((model) => isObject(model) && typeof model.id === 'string')

function malformed(): ARouterError {
  return new ARouterError(
    200,
    'malformed_answer',
    'Solrouter answered with something that is not what was asked for. Funds moved: no. It can be tried again.',
  )
}
