import { RpcError } from '../../../chain/RpcError'
import { asObject, type JsonObject } from '../../../http/jsonObject'
import { type Listener, listen } from '../../../http/listen'
import { readBytes } from '../../../http/readBody'
import type { Request as Call } from '../../jsonRpc'

/** What a validator takes. */
const MOST_BYTES = 50 * 1024

/** Serves calls as JSON-RPC 2.0 over HTTP, single ones and batches, at a free loopback port. */
export function serveRpc(call: Call): Promise<Listener> {
  return listen((request) => answer(call, request), '127.0.0.1', 0)
}

async function answer(call: Call, request: Request): Promise<Response> {
  if (request.method !== 'POST') return new Response(null, { status: 405 })
  const body = await readBytes(request)
  if (body.length > MOST_BYTES) return new Response(null, { status: 413 })
  let calls: unknown
  try {
    calls = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return Response.json(failure(null, new RpcError(-32700, 'Parse error')))
  }
  if (!Array.isArray(calls)) return Response.json(await answerOne(call, calls))
  const answers: JsonObject[] = []
  for (const one of calls) answers.push(await answerOne(call, one))
  return Response.json(answers)
}

async function answerOne(call: Call, value: unknown): Promise<JsonObject> {
  const { method, params, id = null } = asObject(value) ?? {}
  if (typeof method !== 'string') return failure(null, new RpcError(-32600, 'Invalid Request'))
  try {
    return { jsonrpc: '2.0', id, result: await call(method, Array.isArray(params) ? params : []) }
  } catch (error) {
    if (error instanceof RpcError) return failure(id, error)
    throw error
  }
}

function failure(id: unknown, { code, message, data }: RpcError): JsonObject {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } }
}
