import { query } from './query'
import { type Connection, type RequestOptions, requestJson } from './request'

/** Which use to count. */
export type UsageQuery = {
  /** RFC 3339. */
  readonly start_time?: string
  /** RFC 3339. */
  readonly end_time?: string
  readonly provider_id?: string
  readonly model?: string
  readonly key_id?: string
  /** Of a series. */
  readonly granularity?: 'hourly' | 'daily' | 'monthly'
}

/** Use of one provider or model. */
type UsageCount = {
  readonly requests: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly estimated_cost_usd: number
}

/** Use of one provider. */
export type ProviderUsage = UsageCount & { readonly provider_id: string }

/** Use of one model. */
export type ModelUsage = UsageCount & { readonly model: string }

/** `GET /api/usage/summary`. */
export type UsageSummary = {
  readonly total_requests: number
  readonly total_input_tokens: number
  readonly total_output_tokens: number
  readonly total_tokens: number
  readonly estimated_cost_usd: number
  readonly by_provider?: readonly ProviderUsage[]
  readonly by_model?: readonly ModelUsage[]
}

/** Use in one span of a series, `timestamp` being its start. */
export type UsageDataPoint = UsageCount & { readonly timestamp: string }

/** `GET /api/usage/timeseries`. */
export type UsageTimeSeries = { readonly data_points: readonly UsageDataPoint[] }

/** `GET /api/usage/summary`. */
export function getUsageSummary(
  connection: Connection,
  range: UsageQuery = {},
  options: RequestOptions = {},
): Promise<UsageSummary> {
  return requestJson(connection, 'GET', `/api/usage/summary${query(range)}`, undefined, options)
}

/** `GET /api/usage/timeseries`. */
export function getUsageTimeSeries(
  connection: Connection,
  range: UsageQuery = {},
  options: RequestOptions = {},
): Promise<UsageTimeSeries> {
  return requestJson(connection, 'GET', `/api/usage/timeseries${query(range)}`, undefined, options)
}
