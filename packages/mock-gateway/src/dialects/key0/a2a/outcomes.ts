import type { Exchange } from '../../../Exchange'
import { ACCESS_PATH } from '../access'
import type { Challenge } from '../Challenge'
import type { Key0Error } from '../Key0Error'
import type { Key0Shop } from '../Key0Shop'
import { describe, offerOf } from '../offerOf'
import type { PlanOffering, RouteOffering } from '../options'
import type { TaskFacts } from './Task'

/** A task that waits for a payment. Its terms name no EIP-712 domain: the buyer has to know it. */
export function askedTask(
  shop: Key0Shop,
  exchange: Exchange,
  offering: PlanOffering | RouteOffering,
  { challengeId, requestId, expiresAt }: Challenge,
): TaskFacts {
  const { network, till } = shop
  const facts = {
    challengeId,
    requestId,
    [`${offering.kind}Id`]: offering.id,
    amount: offering.price,
    chainId: network.chainId,
    expiresAt: new Date(expiresAt).toISOString(),
    description: describe(offering),
  }
  const paidFor = { url: `${exchange.url.origin}${ACCESS_PATH}`, method: 'POST' }
  const extra = { ...facts, name: undefined, version: undefined }
  const required = till.terms(offerOf(shop, exchange, offering, paidFor, extra), 'Payment required')
  const destination = shop.gateway.terms
    .priced(offering.amount)
    .find((one) => one.network === network.id)?.payTo
  return {
    state: 'input-required',
    parts: [
      { kind: 'text', text: `${offering.price} in USDC for ${describe(offering)}` },
      {
        kind: 'data',
        data: {
          type: 'X402Challenge',
          ...facts,
          asset: 'USDC',
          destination,
          resourceVerified: true,
        },
      },
    ],
    metadata: {
      'x402.payment.status': 'payment-required',
      'x402.payment.required': required,
    },
  }
}

/** A task that is done: what was bought is its artifact. */
export function doneTask(
  { network }: Key0Shop,
  { delivery, sale, offering }: Challenge,
): TaskFacts {
  const { transaction, payer } = sale ?? {}
  const receipt = { success: true, transaction, network: network.v1Name, payer }
  return {
    state: 'completed',
    parts: [{ kind: 'text', text: 'Access granted' }],
    metadata: {
      'x402.payment.status': 'payment-completed',
      'x402.payment.receipts': [receipt],
    },
    artifact: {
      name: offering.kind === 'plan' ? 'access-grant' : 'resource-response',
      data: delivery,
    },
  }
}

/** A task that failed. Nothing in it tells whether money moved. */
export function failedTask({ code, body, message }: Key0Error, paid: 'paid' | 'unpaid'): TaskFacts {
  return {
    state: 'failed',
    parts: [
      { kind: 'text', text: message },
      { kind: 'data', data: body },
    ],
    ...(paid === 'paid'
      ? { metadata: { 'x402.payment.status': 'payment-failed', 'x402.payment.error': code } }
      : {}),
  }
}
