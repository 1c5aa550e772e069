/** Whether money may have left the wallet: `no` is certain, `yes` is settled, `maybe` is not yet known. */
export type FundsMoved = 'no' | 'maybe' | 'yes'

/** What an {@link ARouterError} carries besides its message. Nothing in it is secret. */
export type ErrorDetails = {
  /** Facts about the failure, by name. Amounts are atomic units as decimal strings. */
  readonly context?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
  /** The gateway's `x-request-id`. */
  readonly requestId?: string | undefined
  readonly fundsMoved?: FundsMoved
}

// Shared by every copy of the package in a process, so that the guard works across ESM and CJS.
const BRAND = Symbol.for('@arouter/sdk.error')

/**
 * Any failure of this SDK. `code` is stable; the message says what happened, whether funds moved,
 * and what to do.
 */
export class ARouterError extends Error {
  // Spelled out: a bundler shortens the names of classes.
  override name = 'ARouterError'
  /** HTTP status, or 0 where no answer was involved. */
  readonly statusCode: number
  readonly code: string
  readonly context: Readonly<Record<string, unknown>>
  readonly requestId: string | undefined
  readonly fundsMoved: FundsMoved
  /** Where it is about a payment: what a seller of single things answered of its own to that (4xx), whole. */
  declare readonly answer?: () => Response

  constructor(statusCode: number, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.statusCode = statusCode
    this.code = code
    this.context = details.context ?? {}
    this.requestId = details.requestId
    this.fundsMoved = details.fundsMoved ?? 'no'
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** True for an {@link ARouterError} of any copy of this package, with that `code` where one is given. */
export function isARouterError(value: unknown, code?: string): value is ARouterError {
  if (typeof value !== 'object' || value === null || !(BRAND in value)) return false
  return code === undefined || ('code' in value && value.code === code)
}

/** 401: the key, token or sign-in was not accepted. Funds moved: no. */
export class AuthenticationError extends ARouterError {
  override name = 'AuthenticationError'
  constructor(message = 'The gateway did not accept the credentials.', details?: ErrorDetails) {
    super(401, 'authentication_error', message, details)
  }
}

/** 429. `retryAfter` is in seconds where the gateway said so. Funds moved: no. */
export class RateLimitError extends ARouterError {
  override name = 'RateLimitError'
  readonly retryAfter: number | undefined
  constructor(message = 'Too many requests.', retryAfter?: number, details?: ErrorDetails) {
    super(429, 'rate_limit_exceeded', message, details)
    this.retryAfter = retryAfter
  }
}

/** 403: an API key without balance, or over its own limit. Funds moved: no. */
export class QuotaExceededError extends ARouterError {
  override name = 'QuotaExceededError'
  constructor(message = 'The quota of this API key is used up.', details?: ErrorDetails) {
    super(403, 'quota_exceeded', message, details)
  }
}

/** 402 that this client does not pay: no wallet, or no terms. Funds moved: no. */
export class InsufficientCreditsError extends ARouterError {
  override name = 'InsufficientCreditsError'
  /** The `PAYMENT-REQUIRED` header as it came, if there was one. */
  readonly paymentRequired: string | undefined
  constructor(message = 'Out of credits.', paymentRequired?: string, details?: ErrorDetails) {
    super(402, 'insufficient_credits', message, details)
    this.paymentRequired = paymentRequired
  }
}

/** The terms, the budget or the approval forbid this payment. Nothing was signed. Funds moved: no. */
export class PaymentPolicyError extends ARouterError {
  override name = 'PaymentPolicyError'
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(402, code, message, details)
  }
}

/** The gateway refused a signed payment. It stays counted until it can no longer be used. */
export class PaymentRejectedError extends ARouterError {
  override name = 'PaymentRejectedError'
  constructor(message: string, details?: ErrorDetails) {
    super(402, 'payment_rejected', message, { fundsMoved: 'maybe', ...details })
  }
}

/** A signed payment left and its outcome is not known. It is held; nothing else is signed. */
export class PaymentUnconfirmedError extends ARouterError {
  override name = 'PaymentUnconfirmedError'
  constructor(message: string, details?: ErrorDetails) {
    super(0, 'payment_unconfirmed', message, { fundsMoved: 'maybe', ...details })
  }
}

/** The payment settled and no answer came for it. Funds moved: yes. */
export class PaidButFailedError extends ARouterError {
  override name = 'PaidButFailedError'
  constructor(statusCode: number, message: string, details?: ErrorDetails) {
    super(statusCode, 'paid_but_failed', message, { fundsMoved: 'yes', ...details })
  }
}

/** The wallet, or its owner, said no. `context.walletCode` is its own code, such as 4001. */
export class WalletRejectedError extends ARouterError {
  override name = 'WalletRejectedError'
  constructor(message: string, details?: ErrorDetails) {
    super(0, 'wallet_rejected', message, details)
  }
}

/** No answer: the connection failed. Funds moved: no, as no payment had been sent. */
export class ConnectionError extends ARouterError {
  override name = 'ConnectionError'
  constructor(message: string, details?: ErrorDetails) {
    super(0, 'connection_error', message, details)
  }
}

/** No answer in time. Funds moved: no, as no payment had been sent. */
export class TimeoutError extends ARouterError {
  override name = 'TimeoutError'
  constructor(message: string, details?: ErrorDetails) {
    super(0, 'timeout', message, details)
  }
}

/** A stream broke: `code` is one of `stream_error`, `stream_malformed`, `stream_truncated`, `stream_reset`, `stream_stalled`, `stream_too_long`. */
export class StreamError extends ARouterError {
  override name = 'StreamError'
  constructor(code: string, message: string, details?: ErrorDetails) {
    super(200, code, message, details)
  }
}

/**
 * A new error that says the same: callers who waited for one outcome never share an object. One made
 * by another copy of the package becomes one of this copy.
 */
export function retell(error: ARouterError): ARouterError {
  const { statusCode, code, message } = error
  const copy = new ARouterError(statusCode, code, message, error)
  if (error instanceof ARouterError) Object.setPrototypeOf(copy, Object.getPrototypeOf(error))
  return Object.assign(copy, error)
}

/** `error` with another truth about funds: in its field, in its message, and with what to do then. */
export function withFunds(error: ARouterError, moved: FundsMoved, advice: string): ARouterError {
  const message = `${error.message.replace(/ ?Funds moved: no[^.]*\..*/, '')} Funds moved: ${moved}. ${advice}`
  return Object.assign(retell(error), { fundsMoved: moved, message })
}

/**
 * The error for a record this version cannot read. Nothing is signed on the strength of it. `key` is
 * the record's, or names what holds it.
 */
export function unreadable(key: string): ARouterError {
  return new ARouterError(
    0,
    'store_unreadable',
    `The stored record ${key} is damaged or of a newer version. Funds moved: no, nothing was signed. Upgrade the SDK, or restore the store.`,
    { context: { key } },
  )
}

/** The error for an option, or an argument, that cannot be used. Nothing was sent. */
export function invalidOption(message: string): ARouterError {
  return new ARouterError(0, 'invalid_option', message)
}
