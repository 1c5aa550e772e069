import { RpcError } from '../chain/RpcError'
import { asObject } from '../http/jsonObject'

/** One JSON-RPC call to a node. Rejects with RpcError for what the node refuses. */
export type Request = (method: string, params?: readonly unknown[]) => Promise<unknown>

/** Calls of the node at `url`. */
export function jsonRpc(url: string): Request {
  let id = 0
  return async (method, params = []) => {
    id += 1
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    })
    const answer = asObject(await response.json())
    const error = asObject(answer?.error)
    if (!error) return answer?.result
    throw new RpcError(Number(error.code), String(error.message), error.data)
  }
}
