import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { Principal } from '../tenants/authenticate'
import type { Model } from './catalogue'
import { isFree, providerOf } from './catalogue'
import type { TokenCounts } from './cost'
import { costOf } from './cost'

/** What an answer costs in atomic USDC units: metered, or the gateway's fixed price. */
export function priceOf(gateway: Gateway, model: Model, tokens: TokenCounts): bigint {
  return isFree(model) ? 0n : (gateway.config.price ?? costOf(model, tokens))
}

/** The id that an exchange's answer is looked up by. */
export function generationId(exchange: Exchange): string {
  return `gen-${exchange.id}`
}

/** Takes what an answer costs from its account's credit, and remembers the answer. */
export function charge(
  gateway: Gateway,
  exchange: Exchange,
  { tenant, key }: Principal,
  model: Model,
  tokens: TokenCounts,
): bigint {
  const { tenants, generations, clock } = gateway
  const cost = priceOf(gateway, model, tokens)
  if (cost > 0n) {
    const reference = exchange.id
    tenants.post(tenant, { type: 'usage', amount: cost, referenceType: 'inference', reference })
  }
  generations.add({
    id: generationId(exchange),
    tenant: tenant.id,
    key: key?.hash,
    model: model.id,
    provider: providerOf(model),
    requests: 1,
    inputTokens: tokens.prompt,
    outputTokens: tokens.completion,
    cost,
    latency: clock.now() - exchange.record.at,
    at: clock.now(),
  })
  return cost
}
