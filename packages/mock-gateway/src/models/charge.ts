import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { Tenant } from '../tenants/tenants'
import type { Model } from './catalogue'
import type { TokenCounts } from './cost'
import { costOf } from './cost'

/** What an answer costs in atomic USDC units: metered, or the gateway's fixed price. */
export function priceOf(gateway: Gateway, model: Model, tokens: TokenCounts): bigint {
  const free = model.pricing.prompt === '0' && model.pricing.completion === '0'
  return free ? 0n : (gateway.config.price ?? costOf(model, tokens))
}

/** Takes `amount` from a tenant's credit for an exchange. */
export function charge(gateway: Gateway, exchange: Exchange, tenant: Tenant, amount: bigint): void {
  if (amount === 0n) return
  gateway.tenants.post(tenant, {
    type: 'usage',
    amount,
    referenceType: 'inference',
    reference: exchange.id,
  })
}
