import { KEY_HEADERS, keyIn } from './credentials'
import type { Exchange } from './exchange'

const CREDENTIALS = new Set([
  ...KEY_HEADERS,
  'authorization',
  'cookie',
  'payment-signature',
  'proxy-authorization',
  'sign-in-with-x',
  'x-payment',
])
/** Members of a request that say nothing about who asks or what. */
const PLAIN = new Set(['model', 'models', 'role', 'type'])
const SHORTEST = 12

/** What no server can have shown by echoing it: the credentials on a request, and its words. */
export function secretsOf(exchange: Pick<Exchange, 'url' | 'headers' | 'body'>): string[] {
  const { url, headers, body } = exchange
  const found: string[] = []
  const key = keyIn(url)
  if (key !== null) found.push(key)
  if (url.includes('?')) collect(Object.fromEntries(new URL(url).searchParams), found)
  for (const [name, value] of headers) {
    if (CREDENTIALS.has(name)) found.push(value.replace(/^(Bearer|Basic) /i, ''))
  }
  if (body instanceof FormData) collect([...body.values()], found)
  else if (body instanceof Uint8Array) collect(parse(new TextDecoder().decode(body)), found)
  else if (typeof body === 'string') collect(parse(body), found)
  return found
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return text // Not JSON: words all the same.
  }
}

function collect(value: unknown, found: string[]): void {
  const pending = [value]
  // It grows while it is walked, so that no depth of nesting overflows the stack.
  for (const each of pending) {
    if (typeof each === 'string' && each.length >= SHORTEST) found.push(each)
    if (typeof each !== 'object' || each === null) continue
    for (const [name, inner] of Object.entries(each)) if (!PLAIN.has(name)) pending.push(inner)
  }
}
