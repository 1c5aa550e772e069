import { RpcError } from '../../../chain/RpcError'
import type { Methods } from './Methods'

/** One JSON-RPC call. Throws RpcError. */
export type Call = (method: string, params: readonly unknown[]) => Promise<unknown>

/** Calls methods by name; whatever one of them throws is an RpcError. */
export function createCall(methods: Methods): Call {
  const table = new Map(Object.entries(methods))
  return async (name, params) => {
    const method = table.get(name)
    if (!method) throw new RpcError(-32601, 'Method not found')
    try {
      return await method(params)
    } catch (error) {
      throw error instanceof RpcError ? error : new RpcError(-32603, `Internal error: ${error}`)
    }
  }
}
