import { hash } from 'node:crypto'
import type { Exchange } from '../../../Exchange'
import { strikeOnceSettled } from '../../../faults/strikeOnceSettled'
import { asObject, type JsonObject } from '../../../http/jsonObject'
import { ACCESS_PATH } from '../access'
import { Key0Error, key0Error } from '../Key0Error'
import type { Key0Shop } from '../Key0Shop'
import { offerOf } from '../offerOf'
import { type OrderTerms, readOrder } from '../readOrder'
import { readPayment } from '../readPayment'
import { sellOrder } from '../sellOrder'

const META = { payment: 'x402/payment', response: 'x402/payment-response' } as const

/** The tool `access`: terms as an error with structured content, or for a payment what it bought. */
export async function accessTool(
  shop: Key0Shop,
  exchange: Exchange,
  params: JsonObject,
): Promise<JsonObject> {
  try {
    const terms = readOrder(shop, asObject(params.arguments) ?? {}, exchange.url.origin)
    const payment = asObject(params._meta)?.[META.payment]
    if (payment === undefined) return askedFor(shop, exchange, terms, 'Payment required')
    return await pay(shop, exchange, terms, payment)
  } catch (error) {
    if (!(error instanceof Key0Error)) throw error
    return failed(JSON.stringify(error.body))
  }
}

async function pay(
  shop: Key0Shop,
  exchange: Exchange,
  terms: OrderTerms,
  value: unknown,
): Promise<JsonObject> {
  const envelope = asObject(value)
  // Key0 wants the network at the top too, where x402 version 2 has none.
  if (typeof envelope?.network !== 'string' || typeof envelope.x402Version !== 'number') {
    return failed('Invalid x402 payment payload in _meta')
  }
  try {
    const brought = readPayment(shop, envelope)
    const signature = String(brought.payment.payload.signature)
    const requestId = `mcp-${hash('sha256', signature).slice(0, 32)}`
    const sold = await sellOrder(shop, exchange, 'MCP', terms, requestId, brought)
    strikeOnceSettled(shop.gateway, exchange, () =>
      key0Error('PAYMENT_FAILED', 'payment failed', { details: { reason: 'Payment required' } }),
    )
    const { transaction, payer } = sold.sale ?? {}
    const granted = JSON.stringify({ status: 'access_granted', ...sold.delivery })
    return {
      content: [{ type: 'text', text: granted }],
      _meta: {
        [META.response]: { success: true, transaction, network: shop.network.id, payer },
      },
    }
  } catch (error) {
    if (!(error instanceof Key0Error) || error.code !== 'PAYMENT_FAILED') throw error
    return askedFor(shop, exchange, terms, String(asObject(error.body.details)?.reason))
  }
}

function askedFor(
  shop: Key0Shop,
  exchange: Exchange,
  { offering }: OrderTerms,
  reason: string,
): JsonObject {
  const url = `${exchange.url.origin}${ACCESS_PATH}`
  const required = shop.till.terms(
    offerOf(shop, exchange, offering, { url, method: 'POST' }),
    reason,
  )
  const told = {
    ...required,
    x402PaymentUrl: url,
    paymentInstructions: `Sign one of accepts and call again with _meta["${META.payment}"]`,
  }
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify(told) }],
    structuredContent: required,
  }
}

function failed(text: string): JsonObject {
  return { isError: true, content: [{ type: 'text', text }] }
}
