import { parseObject } from '../../encoding'
import { retryAfter } from '../../retry'

/** One limit of a key, as aixbt told it last. */
export type Limit = {
  readonly limit: number
  readonly remaining: number
  /** ISO 8601, by aixbt's clock. */
  readonly resetsAt: string
}

/** The limits of a key; undefined where aixbt has not told one. */
export type KeyPassLimits = {
  readonly minute: Limit | undefined
  readonly day: Limit | undefined
}

export type Span = keyof KeyPassLimits

/** What a 429 says: which limit is used up, and for how many milliseconds. */
export type UsedUp = { readonly span: Span; readonly wait: number }

const SPAN_MS = { minute: 60_000, day: 86_400_000 } as const

/** The six headers `X-RateLimit-{Limit,Remaining,Reset}-{Minute,Day}`. */
export function readLimits(headers: Headers): KeyPassLimits {
  return { minute: readLimit(headers, 'minute'), day: readLimit(headers, 'day') }
}

function readLimit(headers: Headers, span: Span): Limit | undefined {
  const [limit, remaining, resetsAt] = ['limit', 'remaining', 'reset'].map((what) =>
    headers.get(`x-ratelimit-${what}-${span}`),
  )
  const isCount = (text: string | null | undefined) => /^\d{1,9}$/.test(text ?? '')
  if (!isCount(limit) || !isCount(remaining) || Number.isNaN(Date.parse(resetsAt ?? ''))) {
    return undefined
  }
  return { limit: Number(limit), remaining: Number(remaining), resetsAt: resetsAt ?? '' }
}

/** Reads a 429. One that does not say how long is over with its minute, or its day. */
export function readUsedUp(text: string, headers: Headers, now: number): UsedUp {
  const { day } = readLimits(headers)
  const { limitType } = parseObject(text) ?? {}
  const isDay = limitType === 'day' || (limitType !== 'minute' && day?.remaining === 0)
  const span = isDay ? 'day' : 'minute'
  return { span, wait: Math.min(retryAfter(headers, now) ?? SPAN_MS[span], SPAN_MS[span]) }
}
