/** The routes of the gateway. */
const ROUTES: readonly string[] = [
  '/v1/chat/completions',
  '/v1/models',
  '/v1/embeddings',
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
  '/v1/audio/speech',
  '/v1/messages',
  '/v1/text/chatcompletion_v2',
  '/v1/key',
  '/v1/x402/auth',
  '/v1/x402/chat',
  '/v1beta/models',
  '/api/v1/keys',
  '/api/v1/balance',
  '/api/v1/transactions',
  '/api/v1/generation',
  '/api/usage/summary',
  '/api/usage/timeseries',
]
const GEMINI = /\/v1beta\/models\/[^/]+:((?:streamG|g)enerateContent)$/
const KEY = /\/api\/v1\/keys\/[^/]+$/

/** Which of the gateway's routes a path leads to, whatever prefix it has; undefined for any other path. */
export function routeOf(path: string): string | undefined {
  const [, act] = GEMINI.exec(path) ?? []
  if (act) return `/v1beta/models/{model}:${act}`
  if (KEY.test(path)) return '/api/v1/keys/{hash}'
  return ROUTES.find((route) => path.endsWith(route))
}

/**
 * What may be told of a URL: where it leads, and by which of the gateway's routes. Nothing of its query,
 * which may be a key or a prompt, and nothing of any other path, which may be a provider's or a chain
 * RPC's, with a key in it.
 */
export function urlFacts(url: string) {
  const { protocol, hostname, port, pathname, origin } = new URL(url)
  const route = routeOf(pathname)
  const server = {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
  }
  return { route, server, full: origin + (route ?? '/*') }
}
