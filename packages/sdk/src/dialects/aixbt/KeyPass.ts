import { isObject, parseObject } from '../../encoding'

/** How long a key lasts: a day ($10), a week ($50) or four weeks ($100). */
export type KeyPassPeriod = '1d' | '1w' | '4w'

/** A key that was bought, with its secret. As JSON it is the same. */
export type KeyPass = {
  /** A secret: it is shown once. */
  readonly apiKey: string
  /** ISO 8601. */
  readonly expiresAt: string
  readonly period: KeyPassPeriod
  readonly scopes: readonly string[]
  /** Undefined where aixbt does not say. */
  readonly rateLimit:
    | { readonly requestsPerMinute: number; readonly requestsPerDay: number }
    | undefined
}

export const AIXBT = 'https://api.aixbt.tech'
export const PERIODS: readonly string[] = ['1d', '1w', '4w'] satisfies readonly KeyPassPeriod[]

/** What a header can carry, and nobody guesses. */
const KEY = /^[\x21-\x7e]{16,512}$/

export function isKey(value: unknown): value is string {
  return typeof value === 'string' && KEY.test(value)
}

/** The key that an answer has in its `data`, bought for `period`; undefined where it has none. */
export function readKeyPass(text: string, period: KeyPassPeriod): KeyPass | undefined {
  const data = parseObject(text)?.data
  if (!isObject(data) || !isKey(data.apiKey) || data.period !== period) return undefined
  const { apiKey, expiresAt, scopes } = data
  if (typeof expiresAt !== 'string' || Number.isNaN(Date.parse(expiresAt))) return undefined
  return {
    apiKey,
    expiresAt,
    period,
    // What was paid for is not withheld because a list of what it is for is missing.
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [],
    rateLimit: readRate(data.rateLimit),
  }
}

function readRate(value: unknown): KeyPass['rateLimit'] {
  if (!isObject(value)) return undefined
  const { requestsPerMinute, requestsPerDay } = value
  if (typeof requestsPerMinute !== 'number' || typeof requestsPerDay !== 'number') return undefined
  return { requestsPerMinute, requestsPerDay }
}
