import { decodeBase64, encodeBase64, type JsonObject, parseObject } from './encoding'

/** The payment that a wallet put on a request, decoded; undefined where there is none. */
export function paymentOn(init: RequestInit | undefined): JsonObject | undefined {
  const headers = new Headers(init?.headers)
  const header = headers.get('payment-signature') ?? headers.get('x-payment')
  return header === null ? undefined : parseObject(decodeBase64(header))
}

/** Headers without those of HTTP's own way to pay, for a request whose body is another one. */
export function withoutPayment(init: RequestInit | undefined): Headers {
  const headers = new Headers(init?.headers)
  for (const name of ['content-length', 'payment-signature', 'x-payment']) headers.delete(name)
  return headers
}

/** A receipt where HTTP has it. */
export function receiptHeader(receipt: unknown): Record<string, string> {
  if (receipt === undefined) return {}
  return { 'payment-response': encodeBase64(JSON.stringify(receipt)) }
}
