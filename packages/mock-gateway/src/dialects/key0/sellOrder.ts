import type { Exchange } from '../../Exchange'
import { buy } from './buy'
import type { Challenge } from './Challenge'
import { deliverGrant, deliverRoute } from './deliver'
import { httpError } from './Key0Error'
import type { Key0Shop } from './Key0Shop'
import type { OrderTerms } from './readOrder'
import type { Brought } from './readPayment'

/** By which way an order came. */
export type Way = 'HTTP' | 'A2A' | 'MCP'

/** Takes the payment of an order and delivers it. Throws what the protocols tell the buyer. */
export async function sellOrder(
  shop: Key0Shop,
  exchange: Exchange,
  way: Way,
  terms: OrderTerms,
  requestId: string,
  brought: Brought,
): Promise<Challenge> {
  const { offering, resourceId } = terms
  const order = { offering, requestId, resourceId }
  if (terms.kind === 'plan') {
    return buy(shop, exchange, order, brought, (paid) => deliverGrant(shop, exchange, paid))
  }
  const { call } = terms
  const isCharged = shop.gateway.faults.take('key0-sale', exchange) !== undefined
  const undeliverable = httpError(
    way === 'HTTP' ? 'EMBEDDED_MODE' : 'TIER_NOT_FOUND',
    'this route is sold on its own path only',
  )
  if (!call && !isCharged) throw undeliverable
  return buy(shop, exchange, order, brought, async (paid) => {
    if (isCharged || !call) throw undeliverable
    return deliverRoute(shop, exchange, paid, terms.offering, call)
  })
}
