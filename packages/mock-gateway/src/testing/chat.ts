/** A chat request to the echo model. */
export function chat(text: string, more: Record<string, unknown> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'arouter/echo',
      messages: [{ role: 'user', content: text }],
      ...more,
    }),
  }
}

/** The same request with more headers. */
export function withHeaders(init: RequestInit, headers: Record<string, string>): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } }
}

/** The JSON in a base64 header, or undefined without one. */
export function decoded(response: Response, header: string): Record<string, unknown> | undefined {
  const value = response.headers.get(header)
  return value === null ? undefined : JSON.parse(Buffer.from(value, 'base64').toString('utf8'))
}
