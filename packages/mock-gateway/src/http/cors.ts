const allowed = [
  'Authorization',
  'Content-Type',
  'PAYMENT-SIGNATURE',
  'X-PAYMENT',
  'SIGN-IN-WITH-X',
  'X-Api-Key',
  'x-goog-api-key',
  'x-goog-api-client',
  'anthropic-version',
  'X-A2A-Extensions',
  'MCP-Protocol-Version',
]

const exposed = [
  'PAYMENT-REQUIRED',
  'PAYMENT-RESPONSE',
  'X-PAYMENT-RESPONSE',
  'WWW-Authenticate',
  'Date',
  'Retry-After',
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
]

/** Lets a browser page read what an answer says about payments, and in `more` headers. */
export function exposeHeaders(headers: Headers, more: readonly string[]): void {
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-expose-headers', [...exposed, ...more].join(', '))
}

/** The answer to a CORS preflight. */
export function preflightResponse(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': allowed.join(', '),
      'access-control-max-age': '600',
    },
  })
}
