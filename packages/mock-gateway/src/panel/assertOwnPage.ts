import type { Exchange } from '../Exchange'
import { GatewayError } from '../http/GatewayError'

/**
 * Throws 403 for a request that is not for this gateway's own address, as when another name leads to it (DNS
 * rebinding), or that a page of another site makes.
 */
export function assertOwnPage({ request, url }: Exchange, hosts: ReadonlySet<string>): void {
  const { headers, method } = request
  if (!hosts.has(url.host)) throw refusal('this address is not known here')
  const site = headers.get('sec-fetch-site')
  const isFromHere = site === null || site === 'same-origin' || site === 'none'
  // A link may lead here from anywhere; nothing but the page itself is read or changed from there.
  if (!isFromHere && headers.get('sec-fetch-mode') !== 'navigate') {
    throw refusal('another site cannot use this page')
  }
  if (method !== 'GET' && !isOrigin(headers.get('origin'), url)) {
    throw refusal('only this page can change anything')
  }
}

/** Behind a proxy the page may be at https while we are not. */
function isOrigin(origin: string | null, { host }: URL): boolean {
  return origin !== null && URL.canParse(origin) && new URL(origin).host === host
}

function refusal(message: string): GatewayError {
  return new GatewayError(403, 'permission_error', message)
}
