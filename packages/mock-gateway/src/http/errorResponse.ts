import type { ErrorType } from './GatewayError'
import { GatewayError } from './GatewayError'
import { textResponse } from './textResponse'

/** `{"error":{"message","type"}}` as bytes on the wire. */
export function errorBody(type: ErrorType, message: string): string {
  return JSON.stringify({ error: { message, type } })
}

/** The answer for anything thrown. What is not a GatewayError becomes a 500 that says nothing. */
export function errorResponse(error: unknown): Response {
  const known =
    error instanceof GatewayError
      ? error
      : new GatewayError(500, 'server_error', 'internal server error')
  return textResponse(errorBody(known.type, known.message), {
    status: known.status,
    headers: { 'content-type': 'application/json', ...known.headers },
  })
}
