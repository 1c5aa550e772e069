import type { Exchange } from '../Exchange'
import type { Fault } from '../faults/faults'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import { Unanswered } from '../http/Unanswered'
import type { Tenant } from '../tenants/tenants'
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
  const outcome = await gateway.cashier.take(payment, {
    id: exchange.id,
    path: exchange.path,
    strike: (hop) => gateway.faults.take(hop, exchange),
    expects: gateway.faults.expects,
  })
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
  const fault = gateway.faults.take('settled', exchange)
  if (fault) throw afterSettling(gateway, exchange, fault)
  return tenant
}

function afterSettling(gateway: Gateway, exchange: Exchange, fault: Fault): Error {
  if (fault.keeps === 'nothing') exchange.receipt = undefined
  switch (fault.kind) {
    case 'drop-after-settle':
      return new Unanswered('reset')
    case 'hang-after-settle':
      return new Unanswered('silence')
    case '429-after-settle':
      return new GatewayError(429, 'rate_limit_error', 'rate limit exceeded', {
        'Retry-After': fault.retryAfter ?? '1',
      })
    case '402-after-settle':
      return refuse(gateway, exchange, 'payment required')
    default:
      return new GatewayError(fault.status ?? 502, 'server_error', 'upstream failed')
  }
}
