import type { JsonObject } from '../../http/jsonObject'

/** The codes that Key0 itself throws, with the status each is answered with. */
const STATUS = {
  TIER_NOT_FOUND: 404,
  CHALLENGE_NOT_FOUND: 404,
  CHALLENGE_EXPIRED: 410,
  CHAIN_MISMATCH: 400,
  AMOUNT_MISMATCH: 400,
  TX_UNCONFIRMED: 202,
  TX_ALREADY_REDEEMED: 409,
  INVALID_REQUEST: 400,
  INVALID_PROOF: 400,
  CHALLENGE_NOT_PAID: 409,
  PAYMENT_FAILED: 402,
  TOKEN_ISSUE_FAILED: 502,
  TOKEN_ISSUE_TIMEOUT: 504,
} as const

/** The codes that exist over HTTP only. */
const HTTP_STATUS = {
  TIER_NOT_FOUND: 404,
  ROUTE_NOT_FOUND: 404,
  RESOURCE_REQUIRED: 400,
  MISSING_RESOURCE_FIELD: 400,
  UNSUPPORTED_FREE_PLAN: 400,
  PROXY_TIMEOUT: 502,
  PROXY_ERROR: 502,
  EMBEDDED_MODE: 400,
} as const

/** An answer that is not a success, with the body it has over HTTP. */
export class Key0Error extends Error {
  override readonly name = 'Key0Error'
  readonly code: string
  readonly status: number
  readonly body: JsonObject

  constructor(status: number, code: string, body: JsonObject, message: string) {
    super(message)
    this.status = status
    this.code = code
    this.body = body
  }
}

/** One that Key0 throws: `{type, code, message, details?}`. `status` where it is not the usual one. */
export function key0Error(
  code: keyof typeof STATUS,
  message: string,
  { details, status = STATUS[code] }: { details?: JsonObject; status?: number } = {},
): Key0Error {
  const body = { type: 'Error', code, message, ...(details ? { details } : {}) }
  return new Key0Error(status, code, body, message)
}

/** One that its HTTP endpoints answer: `{type, code, error}`, and more of it where there is. */
export function httpError(
  code: keyof typeof HTTP_STATUS,
  error: string,
  more: JsonObject = {},
): Key0Error {
  return new Key0Error(HTTP_STATUS[code], code, { type: 'Error', code, error, ...more }, error)
}

/** 400 without a code: `{error}`. */
export function badRequest(error: string): Key0Error {
  return new Key0Error(400, 'INVALID_REQUEST', { error }, error)
}

/** What nobody foresaw: `{error: "INTERNAL_ERROR", message}`. */
export function internalError(message: string, status = 500): Key0Error {
  return new Key0Error(status, 'INTERNAL_ERROR', { error: 'INTERNAL_ERROR', message }, message)
}
