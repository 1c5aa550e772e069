import type { LimitReset } from './keys'
import { query } from './query'
import { type Connection, type RequestOptions, requestJson } from './request'
import type { Usage } from './types'

/** `GET /v1/key`. Money is USD. */
export type KeyInfo = {
  readonly data: {
    readonly label: string
    readonly limit: number | null
    readonly limit_reset: LimitReset | null
    readonly limit_remaining: number | null
    readonly usage: number
    readonly usage_daily: number
    readonly usage_weekly: number
    readonly usage_monthly: number
    readonly is_free_tier: boolean
  }
}

/** `GET /api/v1/balance`. `balance` is in `currency`, below zero when an answer cost more than was left. */
export type Balance = { readonly balance: number; readonly currency: string }

/** One movement of credit. */
export type Transaction = {
  readonly id: string
  readonly type: 'usage' | 'credit'
  /** USD, below zero for use. */
  readonly amount: number
  readonly description: string
  /** RFC 3339. */
  readonly created_at: string
  /** What it belongs to, such as `x402_topup`. */
  readonly reference_type?: string
}

/** How many transactions are asked for at once. Default 100. */
export type ListTransactionsOptions = { readonly pageSize?: number }

/** `GET /api/v1/generation`: what one answer took. */
export type Generation = {
  readonly id: string
  readonly model: string
  readonly provider: string
  /** RFC 3339. */
  readonly created_at: string
  readonly latency_ms: number
  readonly usage: Usage & {
    readonly is_byok?: boolean
    /** USD, by what it was for. */
    readonly cost_details?: Readonly<Record<string, number | null>>
  }
}

type TransactionPage = { readonly transactions: readonly Transaction[] }

const PAGE_SIZE = 100

/** `GET /v1/key`: the limits and the use of the key, or token, of this client. */
export function getKey(connection: Connection, options: RequestOptions = {}): Promise<KeyInfo> {
  return requestJson(connection, 'GET', '/v1/key', undefined, options)
}

/** `GET /api/v1/balance`. */
export function getBalance(connection: Connection, options: RequestOptions = {}): Promise<Balance> {
  return requestJson(connection, 'GET', '/api/v1/balance', undefined, options)
}

/** `GET /api/v1/generation`: what one answer took; some seconds after it, and for 90 days. */
export function getGeneration(
  connection: Connection,
  id: string,
  options: RequestOptions = {},
): Promise<Generation> {
  return requestJson(connection, 'GET', `/api/v1/generation${query({ id })}`, undefined, options)
}

/** `GET /api/v1/transactions`, newest first, page after page as they are asked for. */
export async function* listTransactions(
  connection: Connection,
  { pageSize = PAGE_SIZE }: ListTransactionsOptions = {},
  options: RequestOptions = {},
): AsyncGenerator<Transaction, void, undefined> {
  const seen = new Set<string>()
  for (let offset = 0; ; offset += pageSize) {
    const path = `/api/v1/transactions${query({ limit: pageSize, offset })}`
    const page: TransactionPage = await requestJson(connection, 'GET', path, undefined, options)
    // New entries push old ones onto the next page; a gateway without pages sends the same again.
    const fresh = page.transactions.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    yield* fresh
    if (fresh.length === 0 || page.transactions.length !== pageSize) return
  }
}
