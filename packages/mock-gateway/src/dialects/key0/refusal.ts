import { GatewayError } from '../../http/GatewayError'
import { internalError, Key0Error, key0Error } from './Key0Error'

/** What Key0 says of anything thrown. What nobody foresaw becomes a 500 that says nothing. */
export function toKey0Error(error: unknown): Key0Error {
  if (error instanceof Key0Error) return error
  if (!(error instanceof GatewayError)) return internalError('internal server error')
  const { status, message } = error
  return status < 500
    ? key0Error('INVALID_REQUEST', message, { status })
    : internalError(message, status)
}

/** The answer for anything thrown. */
export function refusal(error: unknown): Response {
  const { body, status } = toKey0Error(error)
  const headers = error instanceof GatewayError ? error.headers : {}
  return Response.json(body, { status, headers })
}
