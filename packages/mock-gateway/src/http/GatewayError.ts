/** Error types of the documented error body. */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'payment_required'
  | 'permission_error'
  | 'rate_limit_error'
  | 'server_error'

/** An answer that is not a success, on its way to the documented body. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly status: number
  readonly type: ErrorType
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    type: ErrorType,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.type = type
    this.headers = headers
  }
}

/** 400 with the documented body: the request cannot be understood. */
export function invalidRequest(message: string): GatewayError {
  return new GatewayError(400, 'invalid_request_error', message)
}

/** 401 with the documented body: the credentials are not good. */
export function unauthenticated(message: string): GatewayError {
  return new GatewayError(401, 'authentication_error', message)
}
