import { type Connection, type RequestOptions, requestJson } from './request'

/** `GET /healthz`. */
export type Health = { readonly status: string }

/** `GET /healthz`: whether the gateway is there. */
export function getHealth(connection: Connection, options: RequestOptions = {}): Promise<Health> {
  return requestJson(connection, 'GET', '/healthz', undefined, options)
}
