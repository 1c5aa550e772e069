import type { Chain } from '../chain/Chain'
import { RpcError } from '../chain/RpcError'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import { Unanswered } from '../http/Unanswered'

/** `POST /rpc/{network}`: JSON-RPC 2.0 over a chain, single calls and batches. */
export async function rpc(gateway: Gateway, request: Request, network: string): Promise<Response> {
  const chain = gateway.chains.find((candidate) => candidate.network.id === network)
  if (!chain) throw new GatewayError(404, 'invalid_request_error', 'no such network')
  const fault = gateway.faults.take('rpc', { path: `/rpc/${network}`, carrying: 'nothing' })
  if (fault?.kind === 'rpc-hang') throw new Unanswered('silence')
  if (fault?.kind === 'rpc-5xx') {
    throw new GatewayError(fault.status ?? 503, 'server_error', 'the node is not available')
  }
  let calls: unknown
  try {
    calls = await request.json()
  } catch {
    return Response.json(failure(null, new RpcError(-32700, 'Parse error')))
  }
  const broken = fault ? new RpcError(-32000, 'the node is behind') : undefined
  const answer = (value: unknown) => answerCall(gateway, chain, value, broken)
  return Response.json(
    Array.isArray(calls) ? await Promise.all(calls.map(answer)) : await answer(calls),
  )
}

async function answerCall(
  gateway: Gateway,
  chain: Chain,
  value: unknown,
  broken: RpcError | undefined,
): Promise<JsonObject> {
  const call = asObject(value)
  const method = call?.method
  if (!call || typeof method !== 'string') {
    return failure(null, new RpcError(-32600, 'Invalid Request'))
  }
  gateway.journal.rpcCalled(method)
  const id = call.id ?? null
  if (broken) return failure(id, broken)
  const params = Array.isArray(call.params) ? call.params : []
  try {
    return { jsonrpc: '2.0', id, result: await chain.rpc(method, params) }
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error)
    throw error
  }
}

function failure(id: unknown, { code, message, data }: RpcError): JsonObject {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } }
}
