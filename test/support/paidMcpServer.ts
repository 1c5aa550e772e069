import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { x402Facilitator } from '@x402/core/facilitator'
import { ExactEvmScheme as FacilitatorScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmScheme as ServerScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import express from 'express'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { createBalances } from '../../packages/mock-gateway/src/chain/stub/balances'
import { createEvmChain } from '../../packages/mock-gateway/src/chain/stub/evmChain'
import { createEvmFacilitatorSigner } from '../../packages/mock-gateway/src/chain/stub/evmFacilitatorSigner'
import { createClock } from '../../packages/mock-gateway/src/clock'
import { networkOf } from '../../packages/mock-gateway/src/networks'

const BASE = 'eip155:8453'
const HISTORY = 100

/**
 * An MCP server with one tool, `add`, whose calls cost five cents each: the official middleware asks
 * for them, and the official facilitator settles them on a stub chain. The rest of MCP is free.
 */
export async function startPaidMcpServer() {
  const payTo = privateKeyToAccount(generatePrivateKey()).address
  const calls: string[] = []
  const pay = paymentMiddleware(
    {
      'POST /mcp': {
        accepts: { scheme: 'exact', network: BASE, price: '$0.05', payTo },
        description: 'A call of a tool',
      },
    },
    new x402ResourceServer(facilitator(payTo)).register(BASE, new ServerScheme()),
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
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo // it listens on TCP
  return { url: `http://127.0.0.1:${port}/mcp`, calls }
}

function adder(): McpServer {
  const server = new McpServer({ name: 'adder', version: '1.0.0' })
  const inputSchema = { a: z.number(), b: z.number() }
  server.registerTool('add', { description: 'Adds', inputSchema }, ({ a, b }) => ({
    content: [{ type: 'text', text: String(a + b) }],
  }))
  return server
}

function facilitator(payTo: string) {
  const network = networkOf(BASE)
  if (network.kind !== 'evm') throw new Error('Base is an EVM network')
  const chain = createEvmChain(
    network,
    createBalances('unlimited', payTo),
    createClock(Date.now, 0),
    HISTORY,
  )
  const scheme = new FacilitatorScheme(createEvmFacilitatorSigner(chain))
  const official = new x402Facilitator().register(BASE, scheme)
  return {
    verify: official.verify.bind(official),
    settle: official.settle.bind(official),
    getSupported: async () => ({
      kinds: [{ x402Version: 2, scheme: 'exact', network: BASE } as const],
      extensions: [],
      signers: {},
    }),
  }
}
