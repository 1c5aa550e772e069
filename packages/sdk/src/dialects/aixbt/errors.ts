import { type ErrorDetails, isARouterError, RateLimitError } from '../../errors'

const CODES = [
  'MISSING_API_KEY',
  'INVALID_API_KEY',
  'API_KEY_EXPIRED',
  'API_KEY_REQUIRED',
  'AGENT_API_NOT_AVAILABLE',
  'INVALID_API_KEY_SCOPE',
  'RATE_LIMIT_EXCEEDED',
] as const

/** What aixbt says of a key. `AGENT_API_NOT_AVAILABLE`: keys that were bought cannot call its agents. */
export type AixbtCode = (typeof CODES)[number]

/** aixbt's own code for what an error of this SDK is about; undefined where it gave none. */
export function aixbtCode(error: unknown): AixbtCode | undefined {
  if (!isARouterError(error)) return undefined
  return CODES.find((code) => code === error.context.gatewayCode)
}

/** 429: a limit of the key is used up. `retryAfter` is in seconds. Funds moved: no. */
export class KeyPassLimitError extends RateLimitError {
  override name = 'KeyPassLimitError'
  readonly limitType: 'minute' | 'day'
  /** When it ends, in ISO 8601, by the local clock. */
  readonly endsAt: string

  constructor(limitType: 'minute' | 'day', endsAt: number, now: number, details?: ErrorDetails) {
    const until = new Date(endsAt).toISOString()
    super(
      `This key has used up its requests of the ${limitType}. Nothing more was sent. Funds moved: no. Try again after ${until}.`,
      Math.max(0, Math.ceil((endsAt - now) / 1000)),
      details,
    )
    this.limitType = limitType
    this.endsAt = until
  }
}
