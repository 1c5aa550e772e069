import type { Exchange } from '../../Exchange'
import { jsonResponse } from '../../jsonResponse'
import { key0Error } from './Key0Error'
import type { Key0Shop } from './Key0Shop'

/**
 * The example of what a plan gives access to. Throws 401 INVALID_REQUEST for a token that is missing, forged, or
 * for another resource, and CHALLENGE_EXPIRED for one that is over.
 */
export async function resource(
  shop: Key0Shop,
  exchange: Exchange,
  resourceId: string,
): Promise<Response> {
  const header = exchange.request.headers.get('authorization') ?? ''
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header)?.[1]
  if (token === undefined) {
    throw key0Error('INVALID_REQUEST', 'an access token is needed', { status: 401 })
  }
  if ((await shop.tokens.check(token)) !== resourceId) {
    const message = 'the access token is for another resource'
    throw key0Error('INVALID_REQUEST', message, { status: 401 })
  }
  return jsonResponse(shop.gateway, exchange, { resourceId, secret: `what ${resourceId} holds` })
}
