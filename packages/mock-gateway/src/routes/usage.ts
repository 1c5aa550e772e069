import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError, invalidRequest } from '../http/GatewayError'
import { toNumber } from '../money'
import { principalOf } from '../tenants/authenticate'
import type { Usage } from '../usage/generations'

/** `GET /api/usage/summary`: what the sender's account used, in all and by provider and model. */
export async function usageSummary(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const used = await usedIn(gateway, exchange)
  const { requests, input_tokens, output_tokens, estimated_cost_usd } = countOf(used)
  return Response.json({
    total_requests: requests,
    total_input_tokens: input_tokens,
    total_output_tokens: output_tokens,
    total_tokens: input_tokens + output_tokens,
    estimated_cost_usd,
    by_provider: grouped(used, ({ provider }) => provider).map(([provider_id, members]) => ({
      provider_id,
      ...countOf(members),
    })),
    by_model: grouped(used, ({ model }) => model).map(([model, members]) => ({
      model,
      ...countOf(members),
    })),
  })
}

/** `GET /api/usage/timeseries`: the same in spans of an hour, a day (default) or a month of UTC. */
export async function usageTimeSeries(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const used = await usedIn(gateway, exchange)
  const granularity = exchange.url.searchParams.get('granularity') ?? 'daily'
  if (granularity !== 'hourly' && granularity !== 'daily' && granularity !== 'monthly') {
    throw invalidRequest('granularity must be hourly, daily or monthly')
  }
  const points = grouped(used, ({ at }) => startOfSpan(at, granularity))
  return Response.json({
    data_points: points.map(([timestamp, members]) => ({ timestamp, ...countOf(members) })),
  })
}

async function usedIn(gateway: Gateway, exchange: Exchange): Promise<readonly Usage[]> {
  const { tenant, key } = await principalOf(gateway, exchange)
  if (key?.type === 'regular') {
    throw new GatewayError(403, 'permission_error', 'this takes a management key')
  }
  const query = exchange.url.searchParams
  const from = timeOf(query, 'start_time') ?? Number.NEGATIVE_INFINITY
  const to = timeOf(query, 'end_time') ?? Number.POSITIVE_INFINITY
  const is = (name: string, value: string | undefined) =>
    !query.has(name) || query.get(name) === value
  return gateway.generations
    .of(tenant.id)
    .filter(
      (one) =>
        one.at >= from &&
        one.at < to &&
        is('provider_id', one.provider) &&
        is('model', one.model) &&
        is('key_id', one.key),
    )
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw invalidRequest(`${name} must be an RFC 3339 time`)
  return at
}

function countOf(members: readonly Usage[]) {
  const sum = (of: (usage: Usage) => number) =>
    members.reduce((total, usage) => total + of(usage), 0)
  return {
    requests: sum(({ requests }) => requests),
    input_tokens: sum(({ inputTokens }) => inputTokens),
    output_tokens: sum(({ outputTokens }) => outputTokens),
    estimated_cost_usd: toNumber(members.reduce((total, { cost }) => total + cost, 0n)),
  }
}

function grouped(members: readonly Usage[], nameOf: (usage: Usage) => string): [string, Usage[]][] {
  const groups = new Map<string, Usage[]>()
  for (const usage of members) {
    const name = nameOf(usage)
    const group = groups.get(name)
    if (group) group.push(usage)
    else groups.set(name, [usage])
  }
  return [...groups]
}

function startOfSpan(at: number, granularity: 'hourly' | 'daily' | 'monthly'): string {
  const text = new Date(at).toISOString()
  if (granularity === 'hourly') return `${text.slice(0, 13)}:00:00.000Z`
  return granularity === 'daily'
    ? `${text.slice(0, 10)}T00:00:00.000Z`
    : `${text.slice(0, 7)}-01T00:00:00.000Z`
}
