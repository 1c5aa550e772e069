import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import type { Model } from '../models/catalogue'
import { isFree, providerOf } from '../models/catalogue'
import { collect } from '../payments/collect'
import { identify, type Visitor } from '../payments/identify'
import type { Principal } from '../tenants/authenticate'
import type { ApiKey } from '../tenants/keys'

/** A request that has been understood: which model it is for, and how it is answered. */
export interface Job {
  readonly model: Model
  readonly answer: (payer: Principal) => Response | Promise<Response>
}

/**
 * Serves a request out of the sender's credit. The request is read before a payment is taken, so
 * that nobody pays for one that cannot be served.
 */
export async function serve(
  gateway: Gateway,
  exchange: Exchange,
  read: () => Promise<Job> | Job,
): Promise<Response> {
  const visitor = await identify(gateway, exchange)
  const { model, answer } = await read()
  const key = visitor.kind === 'tenant' ? visitor.key : undefined
  if (key) assertAllowed(key, model)
  count(gateway, exchange, visitor, model)
  return answer({ tenant: await collect(gateway, exchange, visitor), key })
}

function assertAllowed({ allowedProviders, allowedModels }: ApiKey, model: Model): void {
  const provider = providerOf(model)
  if (allowedProviders && !allowedProviders.includes(provider)) {
    throw refusal(`provider '${provider}' is not allowed for this API key`)
  }
  if (allowedModels && !allowedModels.includes(model.id)) {
    throw refusal(`model '${model.id}' is not allowed for this API key`)
  }
}

function refusal(message: string): GatewayError {
  return new GatewayError(403, 'permission_error', message)
}

/** Counts the request against the rate limits of its account; a payment is never turned away. */
function count(gateway: Gateway, exchange: Exchange, visitor: Visitor, model: Model): void {
  if (visitor.kind === 'payer') return
  const { all, free } = gateway.rateLimits
  for (const limit of all) limit.take(visitor.tenant.id, exchange)
  if (isFree(model)) for (const limit of free) limit.take(visitor.tenant.id, exchange)
}
