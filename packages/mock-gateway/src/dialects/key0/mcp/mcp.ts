import type { Exchange } from '../../../Exchange'
import type { JsonObject } from '../../../http/jsonObject'
import { readJsonBody } from '../../../http/readBody'
import { discovery } from '../discovery'
import { type RpcCall, rpcCallOf, rpcError, rpcResult } from '../jsonRpc'
import type { Key0Shop } from '../Key0Shop'
import { accessTool } from './accessTool'

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const

const TEXT = { type: 'string' } as const
const TOOLS = [
  {
    name: 'discover',
    description: 'Tells what is sold: plans, and routes',
    inputSchema: { type: 'object', properties: {} },
  },
  {
    name: 'access',
    description: 'Sells access to a plan, or an answer of a route. Costs USDC.',
    inputSchema: {
      type: 'object',
      properties: {
        planId: TEXT,
        routeId: TEXT,
        resourceId: TEXT,
        resource: {
          type: 'object',
          properties: { method: TEXT, path: TEXT, body: {} },
          required: ['method', 'path'],
        },
      },
    },
  },
] as const

/** `POST /mcp`: one message of MCP, over streamable HTTP without sessions. */
export async function mcp(shop: Key0Shop, exchange: Exchange): Promise<Response> {
  const accept = exchange.request.headers.get('accept') ?? ''
  if (!accept.includes('application/json') || !accept.includes('text/event-stream')) {
    const message = 'Accept must have application/json and text/event-stream'
    return Response.json(rpcError(undefined, -32000, message), { status: 406 })
  }
  const call = rpcCallOf(await readJsonBody(exchange.request))
  if (!call) {
    return Response.json(rpcError(undefined, -32600, 'the request is not JSON-RPC 2.0'), {
      status: 400,
    })
  }
  if (call.id === undefined) return new Response(null, { status: 202 })
  const answer = await run(shop, exchange, call)
  return new Response(`event: message\ndata: ${JSON.stringify(answer)}\n\n`, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  })
}

/** What other methods get: there are no sessions, and nothing to listen to. */
export function mcpNotAllowed(): Response {
  return Response.json(rpcError(undefined, -32000, 'Method not allowed'), {
    status: 405,
    headers: { allow: 'POST' },
  })
}

/** `GET /.well-known/mcp.json`: where the server is, and what it has. */
export function mcpManifest({ config }: Key0Shop, origin: string): JsonObject {
  return {
    name: config.agentName,
    description: config.description,
    version: '1.0.0',
    transport: { type: 'streamable-http', url: `${origin}/mcp` },
    tools: TOOLS.map(({ name, description }) => ({ name, description })),
  }
}

async function run(shop: Key0Shop, exchange: Exchange, call: RpcCall): Promise<JsonObject> {
  const { id, method, params } = call
  switch (method) {
    case 'initialize': {
      const protocolVersion = VERSIONS.find((version) => version === params.protocolVersion)
      return rpcResult(id, {
        protocolVersion: protocolVersion ?? VERSIONS[0],
        capabilities: { tools: {} },
        serverInfo: { name: shop.config.agentName, version: '1.0.0' },
      })
    }
    case 'ping':
      return rpcResult(id, {})
    case 'tools/list':
      return rpcResult(id, { tools: TOOLS })
    case 'tools/call':
      switch (params.name) {
        case 'discover':
          return rpcResult(id, { content: [text(discovery(shop.config))] })
        case 'access':
          return rpcResult(id, await accessTool(shop, exchange, params))
        default:
          return rpcError(id, -32602, 'there is no such tool')
      }
    default:
      return rpcError(id, -32601, `there is no method ${method}`)
  }
}

function text(value: unknown) {
  return { type: 'text', text: JSON.stringify(value) }
}
