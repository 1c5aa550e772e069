import { encodeSegment } from './path'
import { query } from './query'
import { type Connection, type RequestOptions, requestJson } from './request'

/** When the use of a key starts again from zero (UTC). */
export type LimitReset = 'daily' | 'weekly' | 'monthly'

/** An API key without its secret. Money is USD. */
export type KeyObject = {
  readonly hash: string
  readonly name: string
  /** What can be shown of the secret. */
  readonly label?: string
  readonly key_type: 'management' | 'regular'
  readonly disabled: boolean
  readonly limit: number | null
  readonly limit_remaining: number | null
  readonly limit_reset?: LimitReset | null
  readonly allowed_providers?: readonly string[] | null
  readonly allowed_models?: readonly string[] | null
  readonly usage: number
  readonly usage_daily: number
  readonly usage_weekly: number
  readonly usage_monthly: number
  /** RFC 3339, as all times. */
  readonly created_at: string
  readonly updated_at?: string | null
  readonly expires_at?: string | null
}

/** `POST /api/v1/keys`. Other fields pass through. */
export type CreateKeyRequest = {
  readonly name: string
  /** USD; null for none. */
  readonly limit?: number | null
  readonly limit_reset?: LimitReset | null
  readonly expires_at?: string | null
  readonly allowed_providers?: readonly string[] | null
  readonly allowed_models?: readonly string[] | null
}

/** The new key. `key` is its secret: it is in this answer and in no other. */
export type CreateKeyResponse = { readonly data: KeyObject; readonly key: string }

/** `PATCH /api/v1/keys/{hash}`: what is named changes, null takes it away. */
export type UpdateKeyRequest = Partial<CreateKeyRequest> & { readonly disabled?: boolean }

/** The key as it is now. */
export type UpdateKeyResponse = { readonly data: KeyObject }

/** Which keys to list. */
export type ListKeysOptions = {
  readonly page_size?: number
  readonly page_token?: string
  readonly offset?: number
  readonly include_disabled?: boolean
}

/** `GET /api/v1/keys`. */
export type ListKeysResponse = { readonly data: readonly KeyObject[] }

/** `DELETE /api/v1/keys/{hash}`. */
export type DeleteKeyResponse = { readonly data: { readonly deleted: boolean } }

const PATH = '/api/v1/keys'

/** `POST /api/v1/keys`, with a management key. */
export function createKey(
  connection: Connection,
  body: CreateKeyRequest,
  options: RequestOptions = {},
): Promise<CreateKeyResponse> {
  return requestJson(connection, 'POST', PATH, body, options)
}

/** `GET /api/v1/keys`, with a management key. */
export function listKeys(
  connection: Connection,
  list: ListKeysOptions = {},
  options: RequestOptions = {},
): Promise<ListKeysResponse> {
  return requestJson(connection, 'GET', PATH + query(list), undefined, options)
}

/** `PATCH /api/v1/keys/{hash}`, with a management key. */
export function updateKey(
  connection: Connection,
  hash: string,
  body: UpdateKeyRequest,
  options: RequestOptions = {},
): Promise<UpdateKeyResponse> {
  return requestJson(connection, 'PATCH', pathOf(hash), body, options)
}

/** `DELETE /api/v1/keys/{hash}`, with a management key. */
export function deleteKey(
  connection: Connection,
  hash: string,
  options: RequestOptions = {},
): Promise<DeleteKeyResponse> {
  return requestJson(connection, 'DELETE', pathOf(hash), undefined, options)
}

function pathOf(hash: string): string {
  return `${PATH}/${encodeSegment(hash)}`
}
