import type { ErrorType } from './GatewayError'
import { GatewayError } from './GatewayError'

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
  return new Response(errorBody(known.type, known.message), {
    status: known.status,
    headers: { 'content-type': 'application/json', ...known.headers },
  })
}
