import type { GatewayClock } from '../../clock'
import { Answered } from '../../http/Answered'

/** Requests that one key may make. */
export interface Limits {
  readonly minute: number
  readonly day: number
}

/** Counts the requests of each key. */
export interface Counter {
  /**
   * Counts one request. Returns what is left as headers say it, and throws 429 with them where nothing is; that one
   * is not counted.
   */
  take(id: string): Readonly<Record<string, string>>
  reset(): void
}

const SPANS = { minute: 60_000, day: 24 * 3_600_000 } as const
type Span = keyof typeof SPANS

/** The headers that say what is left. */
export const limitHeaders: readonly string[] = ['Minute', 'Day'].flatMap((span) =>
  ['Limit', 'Remaining', 'Reset'].map((what) => `X-RateLimit-${what}-${span}`),
)

/** Counts by whole minutes and days of the gateway's clock, in UTC. */
export function createCounter(limits: Limits, clock: GatewayClock): Counter {
  const used = { minute: new Map<string, number>(), day: new Map<string, number>() }
  const began = { minute: 0, day: 0 }

  const usedIn = (span: Span, id: string) => {
    const current = Math.floor(clock.now() / SPANS[span])
    if (current !== began[span]) used[span].clear()
    began[span] = current
    return used[span].get(id) ?? 0
  }
  const endOf = (span: Span) => (began[span] + 1) * SPANS[span]
  const said = (span: Span, name: string, count: number) => ({
    [`X-RateLimit-Limit-${name}`]: String(limits[span]),
    [`X-RateLimit-Remaining-${name}`]: String(Math.max(0, limits[span] - count)),
    [`X-RateLimit-Reset-${name}`]: new Date(endOf(span)).toISOString(),
  })
  const refusal = (span: Span, headers: Readonly<Record<string, string>>) => {
    const seconds = Math.ceil((endOf(span) - clock.now()) / 1000)
    const body = {
      error: 'Too Many Requests',
      message: `Rate limit of ${limits[span]} requests per ${span} exceeded`,
      code: 'RATE_LIMIT_EXCEEDED',
      limitType: span,
    }
    const init = { status: 429, headers: { ...headers, 'Retry-After': String(seconds) } }
    return new Answered(Response.json(body, init))
  }

  return {
    take: (id) => {
      const counts = { minute: usedIn('minute', id), day: usedIn('day', id) }
      // Who has used up the day is not sent away for a minute.
      const over = (['day', 'minute'] as const).find((span) => counts[span] >= limits[span])
      const more = over ? 0 : 1
      const headers = {
        ...said('minute', 'Minute', counts.minute + more),
        ...said('day', 'Day', counts.day + more),
      }
      if (over) throw refusal(over, headers)
      used.minute.set(id, counts.minute + 1)
      used.day.set(id, counts.day + 1)
      return headers
    },
    reset: () => {
      used.minute.clear()
      used.day.clear()
    },
  }
}
