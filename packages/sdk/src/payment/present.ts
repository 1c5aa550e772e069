import type { Send } from '../compose'
import { encodeBase64 } from '../encoding'
import type { Exchange } from '../exchange'
import type { Attempt } from './Attempt'
import { identify } from './identify'
import type { Offer, PaymentRequired } from './requirements'

/** The header that carries a signed payment: x402 v2 `PAYMENT-SIGNATURE`, v1 `X-PAYMENT`. `id` names it. */
export function paymentHeader(
  required: PaymentRequired,
  offer: Offer,
  payload: Readonly<Record<string, unknown>>,
  id: string,
): NonNullable<Attempt['header']> {
  if (required.x402Version === 1) {
    const { scheme, network } = offer.raw
    return header('X-PAYMENT', { x402Version: 1, scheme, network, payload })
  }
  const { resource } = required
  const extensions = identify(required.extensions, id)
  const accepted = offer.raw
  return header('PAYMENT-SIGNATURE', { x402Version: 2, resource, accepted, payload, extensions })
}

function header(name: string, value: object): NonNullable<Attempt['header']> {
  return { name, value: encodeBase64(JSON.stringify(value)) }
}

/** Sends the exchange with the signed payment on it: the same header, to the letter, every time. */
export async function present(exchange: Exchange, next: Send, attempt: Attempt): Promise<Response> {
  const { header } = attempt
  if (!header) throw new TypeError('an attempt without a header was never signed')
  exchange.headers.set(header.name, header.value)
  exchange.paying = true
  try {
    return await next(exchange)
  } finally {
    exchange.paying = false
    exchange.headers.delete(header.name)
  }
}
