import { asObject, type JsonObject } from '../../http/jsonObject'

/** A call of JSON-RPC 2.0. */
export interface RpcCall {
  /** Undefined for a notification, which is not answered. */
  readonly id: string | number | undefined
  readonly method: string
  readonly params: JsonObject
}

/** The call in a body, or undefined where it is none. */
export function rpcCallOf(body: JsonObject): RpcCall | undefined {
  const { jsonrpc, id, method, params } = body
  if (jsonrpc !== '2.0' || typeof method !== 'string') return undefined
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') return undefined
  return { id, method, params: asObject(params) ?? {} }
}

/** The answer to a call. */
export function rpcResult(id: RpcCall['id'], result: unknown): JsonObject {
  return { jsonrpc: '2.0', id: id ?? null, result }
}

/** The answer to a call that cannot be made. */
export function rpcError(id: RpcCall['id'], code: number, message: string): JsonObject {
  return { jsonrpc: '2.0', id: id ?? null, error: { code, message } }
}
