import type { Exchange } from './Exchange'
import { spoilBody } from './faults/spoilBody'
import type { Gateway } from './Gateway'
import { textResponse } from './http/textResponse'

/** A JSON answer, unless a fault spoils it. */
export function jsonResponse(
  gateway: Gateway,
  exchange: Exchange,
  value: unknown,
  status = 200,
): Response {
  const body = JSON.stringify(value)
  const fault = gateway.faults.take('body', exchange)
  const init = { status, headers: { 'content-type': 'application/json' } }
  if (!fault) return textResponse(body, init)
  return new Response(spoilBody(body, fault, exchange.connection), init)
}
