import { toBase64 } from '../../http/base64'
import { GatewayError } from '../../http/GatewayError'
import { asObject, type JsonObject, objectFromBase64 } from '../../http/jsonObject'
import { decodePayment, type Payment } from '../../payments/decodePayment'
import { key0Error } from './Key0Error'
import type { Key0Shop } from './Key0Shop'
import type { PlanOffering, RouteOffering } from './options'

/** A payment as the buyer sent it, and the terms the buyer says it is for. */
export interface Brought {
  readonly payment: Payment
  readonly accepted: JsonObject
}

/** Reads `payment-signature`: base64, or base64url. Throws 400 for anything malformed. */
export function readPaymentHeader(shop: Key0Shop, header: string): Brought {
  const standard = header.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
  const envelope = objectFromBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='))
  if (!envelope) throw key0Error('INVALID_REQUEST', 'payment-signature is not base64 of JSON')
  return readPayment(shop, envelope)
}

/** Reads a PaymentPayload of version 2. Throws 400 for anything malformed, or for another network. */
export function readPayment({ network }: Key0Shop, envelope: JsonObject): Brought {
  const accepted = asObject(envelope.accepted)
  if (!accepted) throw key0Error('INVALID_REQUEST', 'the payment has no accepted requirements')
  if (accepted.network !== network.id) {
    throw key0Error('CHAIN_MISMATCH', `payments are taken on ${network.id} only`)
  }
  try {
    return { payment: decodePayment(toBase64(JSON.stringify(envelope)), [network]), accepted }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    throw key0Error('INVALID_REQUEST', error.message)
  }
}

/** Throws 400 where a payment is for other terms than the seller's own. `extra` is nobody's promise. */
export function assertAccepted(
  { gateway, network }: Key0Shop,
  { amount }: PlanOffering | RouteOffering,
  accepted: JsonObject,
): void {
  const terms = gateway.terms.priced(amount).find((one) => one.network === network.id)
  if (!terms) throw new Error(`nothing is taken on ${network.id}`)
  if (accepted.amount !== terms.amount) {
    throw key0Error('AMOUNT_MISMATCH', `the price is ${terms.amount}`)
  }
  for (const field of ['scheme', 'asset', 'payTo'] as const) {
    if (String(accepted[field]).toLowerCase() !== terms[field].toLowerCase()) {
      throw key0Error('INVALID_PROOF', `the payment was accepted with another ${field}`)
    }
  }
}
