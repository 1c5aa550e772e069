import { type Connection, type RequestOptions, requestJson } from './request'
import type { ModelListResponse } from './types'

/** `GET /v1/models`. */
export function listModels(
  connection: Connection,
  options: RequestOptions = {},
): Promise<ModelListResponse> {
  return requestJson(connection, 'GET', '/v1/models', undefined, options)
}
