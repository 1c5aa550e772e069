import type { Exchange } from '../../Exchange'
import type { Payment } from '../../payments/decodePayment'
import type { SaleRecord } from '../sales'
import type { Offer } from '../till'
import type { Challenge } from './Challenge'
import { key0Error } from './Key0Error'
import type { Key0Shop } from './Key0Shop'
import type { PlanOffering, RouteOffering } from './options'
import { assertAccepted, type Brought } from './readPayment'

/** What somebody wants to buy. */
export interface Order {
  readonly offering: PlanOffering | RouteOffering
  readonly requestId: string
  readonly resourceId: string
}

/** The challenge of an order that brings no payment: one that was delivered, one that can be paid, or a new one. */
export function challengeFor(shop: Key0Shop, order: Order): Challenge {
  const known = shop.challenges.ofRequest(order.requestId)
  if (known) assertSame(known, order)
  if (known?.state === 'DELIVERED') return known
  return known && isPayable(shop, known) ? known : open(shop, order)
}

/**
 * Takes the payment of an order, and delivers: once for each requestId, whatever is presented again.
 * Throws what Key0 does where the payment is refused, or where it settled and nothing came of it.
 */
export async function buy(
  shop: Key0Shop,
  exchange: Exchange,
  order: Order,
  brought: Brought,
  deliver: (paid: Challenge) => Promise<Challenge>,
): Promise<Challenge> {
  if (shop.gateway.faults.take('key0-look', exchange))
    return sell(shop, exchange, order, brought, deliver)
  return shop.alone(order.requestId, async () => {
    const known = shop.challenges.ofRequest(order.requestId)
    if (known) assertSame(known, order)
    return known?.state === 'DELIVERED' ? known : sell(shop, exchange, order, brought, deliver)
  })
}

async function sell(
  shop: Key0Shop,
  exchange: Exchange,
  order: Order,
  { payment, accepted }: Brought,
  deliver: (paid: Challenge) => Promise<Challenge>,
): Promise<Challenge> {
  const { challenges, gateway } = shop
  const { challengeId } = toBePaid(shop, exchange, order)
  assertAccepted(shop, order.offering, accepted)
  const sale = await settle(shop, exchange, order.offering, payment)
  const paidAt = gateway.clock.now()
  const reason = 'the payment settled'
  const paid = challenges.move(challengeId, 'PENDING', 'PAID', reason, { sale, paidAt })
  if (!paid) {
    const earlier = challenges.find(challengeId)
    if (earlier?.state === 'DELIVERED') return earlier
    throw key0Error('TX_ALREADY_REDEEMED', 'this challenge was paid before')
  }
  const isLost = gateway.faults.take('key0-mark', exchange) !== undefined
  if (challenges.redeem(sale.transaction) === 'seen' || isLost) {
    challenges.move(challengeId, 'PAID', 'PENDING', 'its transaction had paid another')
    throw key0Error('TX_ALREADY_REDEEMED', 'this transaction has paid another challenge')
  }
  return deliver(paid)
}

/** Moves the money; the sale. Throws where it did not move. */
export async function settle(
  { till, network }: Key0Shop,
  exchange: Exchange,
  { amount }: Order['offering'],
  payment: Payment,
): Promise<SaleRecord> {
  const offer: Offer = {
    version: 2,
    amount,
    networks: [network.id],
    resource: { url: exchange.url.href },
  }
  const outcome = await till.hold(
    exchange,
    offer,
    payment,
    async (claim) => (await claim.verify()) ?? claim.settle(),
  )
  if (outcome.kind === 'settled') return outcome.record
  // Key0 says so in the body alone.
  exchange.receipt = undefined
  throw refusal(outcome.reason, outcome.transaction)
}

/** The challenge that a payment is for. Throws 410 where that is over, and 404 where it was cancelled. */
function toBePaid(shop: Key0Shop, exchange: Exchange, order: Order): Challenge {
  const known = shop.challenges.ofRequest(order.requestId)
  switch (known?.state) {
    case 'DELIVERED':
      return known
    case 'CANCELLED':
      throw key0Error('CHALLENGE_NOT_FOUND', 'the challenge was cancelled')
    case 'PENDING':
    case 'EXPIRED':
      if (isPayable(shop, known)) return known
      if (shop.gateway.faults.take('key0-time', exchange)) {
        return known.state === 'PENDING' ? known : open(shop, order)
      }
      expire(shop, known)
      throw key0Error('CHALLENGE_EXPIRED', 'the challenge has expired')
    default:
      return open(shop, order)
  }
}

function open({ challenges }: Key0Shop, { offering, requestId, resourceId }: Order): Challenge {
  const { kind, id, amount } = offering
  return challenges.open({
    challengeId: `${kind === 'plan' ? 'http' : 'route'}-${crypto.randomUUID()}`,
    requestId,
    offering: { kind, id },
    resourceId,
    amount,
  })
}

/** Nothing happens to one that is not pending. */
export function expire({ challenges }: Key0Shop, { challengeId }: Challenge): void {
  challenges.move(challengeId, 'PENDING', 'EXPIRED', 'it was not paid in time')
}

function isPayable({ gateway }: Key0Shop, { state, expiresAt }: Challenge): boolean {
  return state === 'PENDING' && gateway.clock.now() < expiresAt
}

/** A requestId is for one thing. */
function assertSame({ offering }: Challenge, order: Order): void {
  if (offering.id === order.offering.id && offering.kind === order.offering.kind) return
  throw key0Error('INVALID_REQUEST', 'this requestId was used for something else')
}

function refusal(reason: string, transaction: string): Error {
  if (reason === 'settlement_pending') {
    const details = { txHash: transaction }
    return key0Error('TX_UNCONFIRMED', 'the transaction has not landed yet', { details })
  }
  const said = reason.endsWith('nonce_already_used') ? 'nonce_used' : reason
  return key0Error('PAYMENT_FAILED', `payment failed: ${said}`, {
    details: { reason: said },
    // What the facilitator lacks is no fault of the payment.
    ...(reason.includes('gas') ? { status: 500 } : {}),
  })
}
