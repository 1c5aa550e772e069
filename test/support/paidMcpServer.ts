import type { MockGateway } from '@arouter/mock-gateway'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import express from 'express'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { listen } from './listen'
import { BASE } from './sellers'

/**
 * An MCP server with one tool, `add`, whose calls cost five cents each: the official middleware asks
 * for them, and has the facilitator of `gateway` settle them. The rest of MCP is free.
 */
export async function startPaidMcpServer(gateway: MockGateway) {
  const payTo = privateKeyToAccount(generatePrivateKey()).address
  const calls: string[] = []
  const pay = paymentMiddleware(
    {
      'POST /mcp': {
        accepts: { scheme: 'exact', network: BASE, price: '$0.05', payTo },
        description: 'A call of a tool',
      },
    },
    new x402ResourceServer(gateway.facilitator).register(BASE, new ExactEvmScheme()),
  )
  const app = express()
  app.use(express.json())
  app.post('/mcp', (request, response, next) => {
    calls.push(request.body.method)
    if (request.body.method === 'tools/call') return pay(request, response, next)
    next()
  })
  app.post('/mcp', async (request, response) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true })
    await adder().connect(transport)
    await transport.handleRequest(request, response, request.body)
  })
  app.all('/mcp', (_, response) => void response.sendStatus(405))
  /** A local chain knows nothing of a wallet that no gateway has seen. */
  const fund = (address: string) => gateway.state.setBalance(BASE, address, '$100')
  return { url: `${await listen(app)}/mcp`, calls, fund }
}

function adder(): McpServer {
  const server = new McpServer({ name: 'adder', version: '1.0.0' })
  const inputSchema = { a: z.number(), b: z.number() }
  server.registerTool('add', { description: 'Adds', inputSchema }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  return server
}
