import { ARouterError } from '../errors'

/**
 * One segment of a path, whatever the text is.
 * @throws ARouterError `invalid_path` for what a URL takes for a way up, or for nothing.
 */
export function encodeSegment(text: string): string {
  if (/^\.{0,2}$/.test(text)) throw invalidPath('a segment is empty, . or ..')
  return encodeURIComponent(text)
}

/** The gateway's own: `/api/v1/keys` is no provider's. */
const RESERVED: readonly string[] = ['api', 'v1', 'v1beta', 'rpc', 'healthz']

/**
 * `/{provider}/{path}`, which no way of reading leads anywhere else. A query may follow the path.
 * @throws ARouterError `invalid_path`; nothing is sent.
 */
export function providerPath(provider: string, path: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(provider) || RESERVED.includes(provider.toLowerCase())) {
    throw invalidPath('the provider is not the name of one')
  }
  const whole = path.replace(/^\//, '')
  // URL parsers drop some of these, or take them for a slash.
  if (/[\\#\s]|[^\x21-\x7e]/.test(whole)) throw invalidPath('it has characters that no path has')
  const [segments = ''] = whole.split('?', 1)
  for (const segment of segments.split('/')) refuseDetour(segment)
  return `/${provider}/${whole}`
}

function refuseDetour(segment: string): void {
  if (/^\.{0,2}$/.test(segment)) throw invalidPath('a segment is empty, . or ..')
  if (/[/\\]/.test(segment)) throw invalidPath('a segment has an encoded slash')
  // Some servers decode twice.
  const decoded = decode(segment)
  if (decoded !== segment) refuseDetour(decoded)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalidPath('a segment is not encoded as a URL is')
  }
}

function invalidPath(why: string): ARouterError {
  return new ARouterError(
    0,
    'invalid_path',
    `The path cannot be used: ${why}. Nothing was sent. Funds moved: no. Change the path.`,
  )
}
