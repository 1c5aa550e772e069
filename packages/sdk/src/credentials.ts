import type { Exchange } from './exchange'

/** Headers that carry an API key: Anthropic's SDK sends the one, Google's the other. */
export const KEY_HEADERS: readonly string[] = ['x-api-key', 'x-goog-api-key']

/** The API key that a URL carries as `?key=`, as Google's own API takes it; null where there is none. */
export function keyIn(url: string): string | null {
  const at = url.indexOf('?')
  return at < 0 ? null : new URLSearchParams(url.slice(at)).get('key')
}

/** `url` without its `?key=`. */
export function withoutKey(url: string): string {
  if (keyIn(url) === null) return url
  const at = url.indexOf('?')
  const query = new URLSearchParams(url.slice(at))
  query.delete('key')
  const rest = query.toString()
  return url.slice(0, at) + (rest && `?${rest}`)
}

/** Takes every API key off a request. */
export function stripKeys(exchange: Pick<Exchange, 'headers' | 'url'>): void {
  for (const name of KEY_HEADERS) exchange.headers.delete(name)
  exchange.url = withoutKey(exchange.url)
}
