import { Answered } from '../../http/Answered'
import { GatewayError } from '../../http/GatewayError'

/** Codes that stand in `error`. */
export type SolrouterCode =
  | 'bad_request'
  | 'missing_required_fields'
  | 'unauthorized'
  | 'insufficient_funds'
  | 'not_found'
  | 'already_subscribed'
  | 'payload_too_large'
  | 'guest_limit'
  | 'rate_limited'
  | 'sanctioned'
  | 'nosana_not_configured'
  | 'tee_unreachable'
  | 'billing_unavailable'
  | 'internal_error'

const STATUSES: Readonly<Record<SolrouterCode, number>> = {
  bad_request: 400,
  missing_required_fields: 400,
  unauthorized: 401,
  insufficient_funds: 402,
  not_found: 404,
  already_subscribed: 409,
  payload_too_large: 413,
  guest_limit: 429,
  rate_limited: 429,
  sanctioned: 451,
  nosana_not_configured: 501,
  tee_unreachable: 502,
  billing_unavailable: 503,
  internal_error: 500,
}

/** The code of each status that more than one could have. */
const CODES: Readonly<Record<number, SolrouterCode>> = {
  ...Object.fromEntries(Object.entries(STATUSES).map(([code, status]) => [status, code])),
  400: 'bad_request',
  429: 'rate_limited',
}

/** `{error, detail?}` as an answer. */
export function refuse(code: SolrouterCode, detail?: string): Answered {
  return new Answered(Response.json({ error: code, detail }, { status: STATUSES[code] }))
}

/** The answer to a request that is understood but for this. */
export function refusePlainly(message: string): Answered {
  return new Answered(Response.json({ error: message }, { status: 400 }))
}

/** The answer for anything thrown. What is not a GatewayError becomes a 500 that says nothing. */
export function refusal(error: unknown): Response {
  if (!(error instanceof GatewayError)) {
    return Response.json({ error: 'internal_error' }, { status: 500 })
  }
  const { status, message: detail, headers } = error
  const body = { error: CODES[status] ?? 'internal_error', detail }
  return Response.json(body, { status, headers })
}
