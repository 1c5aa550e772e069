import type { Exchange } from '../Exchange'
import { strikeOnceSettled } from '../faults/strikeOnceSettled'
import type { Gateway } from '../Gateway'
import type { Tenant } from '../tenants/tenants'
import { carrierOf } from './carrierOf'
import type { Visitor } from './identify'
import { refuse } from './refuse'

/**
 * Takes the payment a visitor brought, and makes sure there is credit to serve it from.
 * Throws 402 when the payment is refused or the credit is used up.
 */
export async function collect(
  gateway: Gateway,
  exchange: Exchange,
  visitor: Visitor,
): Promise<Tenant> {
  gateway.cashier.collectLate()
  const tenant = visitor.kind === 'payer' ? await pay(gateway, exchange, visitor) : visitor.tenant
  if (tenant.balance <= 0n) throw refuse(gateway, exchange, 'insufficient credits')
  return tenant
}

async function pay(
  gateway: Gateway,
  exchange: Exchange,
  visitor: Visitor & { kind: 'payer' },
): Promise<Tenant> {
  const { payment, receiptHeader: header } = visitor
  const outcome = await gateway.cashier.take(payment, carrierOf(gateway, exchange))
  const { payer, network } = payment
  const facts = { network: header === 'PAYMENT-RESPONSE' ? network.id : network.v1Name, payer }
  if (outcome.kind === 'refused') {
    const { reason, transaction } = outcome
    exchange.receipt = {
      header,
      content: { success: false, errorReason: reason, transaction, ...facts },
    }
    throw refuse(gateway, exchange, reason)
  }
  exchange.lasting = true
  const { tenant, record } = outcome
  if (gateway.config.receipt !== 'none') {
    const content = { success: true, transaction: record.transaction, ...facts }
    const jwt = gateway.config.receipt === 'jwt' ? { jwt: await gateway.tokens.issue(tenant) } : {}
    exchange.receipt = { header, content: { ...content, ...jwt } }
  }
  strikeOnceSettled(gateway, exchange, () => refuse(gateway, exchange, 'payment required'))
  return tenant
}
