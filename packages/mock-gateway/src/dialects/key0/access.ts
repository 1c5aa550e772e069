import type { Exchange } from '../../Exchange'
import { strikeOnceSettled } from '../../faults/strikeOnceSettled'
import type { Answered } from '../../http/Answered'
import { readJsonBody } from '../../http/readBody'
import { jsonResponse } from '../../jsonResponse'
import { challengeFor, type Order } from './buy'
import type { Key0Shop } from './Key0Shop'
import { offerOf } from './offerOf'
import { readOrder, textOr } from './readOrder'
import { readPaymentHeader } from './readPayment'
import { sellOrder } from './sellOrder'

/** Where plans are bought, and routes of a seller that stands before its backend. */
export const ACCESS_PATH = '/x402/access'

/** `POST /x402/access`: a challenge, or for a payment what it bought. */
export async function access(shop: Key0Shop, exchange: Exchange): Promise<Response> {
  const { request, url } = exchange
  const fields = await readJsonBody(request)
  const terms = readOrder(shop, fields, url.origin)
  const requestId = textOr(fields.requestId, crypto.randomUUID(), 'requestId')
  const order = { offering: terms.offering, resourceId: terms.resourceId, requestId }
  const signature = request.headers.get('payment-signature')
  if (signature === null) {
    const known = challengeFor(shop, order)
    if (known.state !== 'DELIVERED') throw challenge(shop, exchange, order)
    return jsonResponse(shop.gateway, exchange, known.delivery)
  }
  const brought = readPaymentHeader(shop, signature)
  const { delivery } = await sellOrder(shop, exchange, 'HTTP', terms, requestId, brought)
  strikeOnceSettled(shop.gateway, exchange, () => challenge(shop, exchange, order))
  return jsonResponse(shop.gateway, exchange, delivery)
}

/** 402 with the terms, and with the challenge to pay. */
function challenge(shop: Key0Shop, exchange: Exchange, order: Order): Answered {
  const { challengeId, requestId } = challengeFor(shop, order)
  const { origin } = exchange.url
  const paidFor = { url: `${origin}${ACCESS_PATH}`, method: 'POST' }
  const offer = offerOf(shop, exchange, order.offering, paidFor)
  const body = (terms: object) => ({ ...terms, challengeId, requestId, error: ASKED })
  return shop.till.refuse(exchange, { ...offer, body }, ASKED, {
    'www-authenticate': `Payment realm="${origin}", accept="exact", challenge="${challengeId}"`,
  })
}

const ASKED = 'Payment required'
