import { RpcError } from '../../../chain/RpcError'
import type { Request } from '../../jsonRpc'
import type { Methods } from './Methods'

/** Calls methods by name; whatever one of them throws is an RpcError. */
export function createCall(methods: Methods): Request {
  const table = new Map(Object.entries(methods))
  return async (name, params = []) => {
    const method = table.get(name)
    if (!method) throw new RpcError(-32601, 'Method not found')
    try {
      return await method(params)
    } catch (error) {
      throw error instanceof RpcError ? error : new RpcError(-32603, `Internal error: ${error}`)
    }
  }
}
