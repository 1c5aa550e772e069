import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError, invalidRequest } from '../http/GatewayError'
import { usageOf } from '../models/usage'
import { toNumber } from '../money'
import { principalOf } from '../tenants/authenticate'

/** `GET /api/v1/generation?id=`: what one of the sender's answers took. */
export async function generation(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const { tenant } = await principalOf(gateway, exchange)
  const id = exchange.url.searchParams.get('id')
  if (!id) throw invalidRequest('id is missing')
  const found = gateway.generations.find(id)
  if (found?.tenant !== tenant.id) {
    throw new GatewayError(404, 'invalid_request_error', 'there is no such generation')
  }
  const { model, provider, inputTokens, outputTokens, cost, at, latency } = found
  return Response.json({
    id,
    model,
    provider,
    created_at: new Date(at).toISOString(),
    latency_ms: latency,
    usage: {
      ...usageOf({ prompt: inputTokens, completion: outputTokens }, cost),
      is_byok: false,
      cost_details: { upstream_inference_cost: toNumber(cost) },
    },
  })
}
