import type { Exchange } from '../../Exchange'
import { strikeOnceSettled } from '../../faults/strikeOnceSettled'
import type { Answered } from '../../http/Answered'
import { readBytes } from '../../http/readBody'
import { buy } from './buy'
import { askBackend, delivered } from './deliver'
import type { Key0Shop } from './Key0Shop'
import { offerOf } from './offerOf'
import type { RouteOffering } from './options'
import { readPaymentHeader } from './readPayment'

/**
 * A route on its own path: 402, then for a payment what the backend says as it is. Nothing names the need, so the
 * same request with another signature is another sale.
 */
export async function directRoute(
  shop: Key0Shop,
  exchange: Exchange,
  route: RouteOffering,
): Promise<Response> {
  const { request } = exchange
  const call = await asBackendSeesIt(request)
  if (route.price === undefined) return askBackend(shop, exchange, route, call)
  const signature = request.headers.get('payment-signature')
  if (signature === null) throw ask(shop, exchange, route)
  const brought = readPaymentHeader(shop, signature)
  const order = { offering: route, requestId: crypto.randomUUID(), resourceId: 'default' }
  let answer: Response | undefined
  await buy(shop, exchange, order, brought, async (paid) => {
    answer = await askBackend(shop, exchange, route, call, paid.sale?.transaction)
    return delivered(shop, paid.challengeId)
  })
  if (!answer) throw new Error('a new requestId was delivered before')
  strikeOnceSettled(shop.gateway, exchange, () => ask(shop, exchange, route))
  return answer
}

/** Payments are the seller's business. */
async function asBackendSeesIt(request: Request): Promise<Request> {
  const { method, url } = request
  const headers = new Headers(request.headers)
  headers.delete('payment-signature')
  const body = await readBytes(request)
  return new Request(url, { method, headers, ...(method === 'GET' ? {} : { body }) })
}

function ask(shop: Key0Shop, exchange: Exchange, route: RouteOffering): Answered {
  const paidFor = { url: exchange.url.href, method: route.method }
  const offer = offerOf(shop, exchange, route, paidFor)
  const body = (terms: object) => ({ ...terms, error: 'Payment required' })
  return shop.till.refuse(exchange, { ...offer, body }, 'Payment required')
}
