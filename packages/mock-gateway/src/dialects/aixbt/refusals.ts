import { Answered } from '../../http/Answered'
import { GatewayError } from '../../http/GatewayError'
import type { JsonObject } from '../../http/jsonObject'

/** Codes of a key that is not good enough. */
export type KeyCode =
  | 'MISSING_API_KEY'
  | 'INVALID_API_KEY'
  | 'API_KEY_EXPIRED'
  | 'API_KEY_REQUIRED'
  | 'AGENT_API_NOT_AVAILABLE'
  | 'INVALID_API_KEY_SCOPE'

const SAYS: Readonly<Record<KeyCode, readonly [status: number, message: string]>> = {
  MISSING_API_KEY: [401, 'API key is missing. Send it as x-api-key.'],
  INVALID_API_KEY: [401, 'API key is not valid.'],
  API_KEY_EXPIRED: [401, 'API key has expired.'],
  API_KEY_REQUIRED: [403, 'This needs an API key.'],
  AGENT_API_NOT_AVAILABLE: [403, 'Agents do not answer keys that were bought by x402.'],
  INVALID_API_KEY_SCOPE: [403, 'This API key is not for this.'],
}

/** The answer about a key, with `more` in its body. */
export function refuseKey(code: KeyCode, more: JsonObject = {}): Answered {
  const [status, message] = SAYS[code]
  return new Answered(Response.json({ message, code, ...more }, { status }))
}

/** The answer to a period that is not sold. */
export function refusePeriod(): Answered {
  const body = { status: 400, error: 'Invalid duration', data: { message: 'Use 1d, 1w, or 4w.' } }
  return new Answered(Response.json(body, { status: 400 }))
}

/** The answer for anything thrown. What is not a GatewayError becomes a 500 that says nothing. */
export function refusal(error: unknown): Response {
  if (!(error instanceof GatewayError)) {
    return Response.json({ status: 500, error: 'Internal Server Error' }, { status: 500 })
  }
  const { status, message, headers } = error
  const init = { status, headers }
  switch (status) {
    case 401:
      return Response.json({ message, code: 'INVALID_API_KEY' }, init)
    case 429: {
      const code = 'RATE_LIMIT_EXCEEDED'
      const body = { error: 'Too Many Requests', message, code, limitType: 'minute' }
      return Response.json(body, init)
    }
    default:
      return Response.json({ status, error: message }, init)
  }
}
