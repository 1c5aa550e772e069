import type { MockGateway } from '@arouter/mock-gateway'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { PaymentPayload, PaymentRequirements } from '@x402/core/types'
import express, { type Response } from 'express'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { listen } from './listen'
import { BASE } from './sellers'

const PRICE = 50_000

/** How a server speaks, and what befalls it. */
export type ToolServerOptions = {
  readonly answers?: 'json' | 'events'
  /** Where its terms are: in `structuredContent` and `content`, or in `content` alone. */
  readonly terms?: 'structured' | 'text'
  /** Whether it gives an answer again for a payment that it took. */
  readonly remembers?: boolean
  /** What a payment is for. */
  readonly resource?: string
}

/**
 * An MCP server that asks for five cents in the result of its tool `add` (x402 v2, MCP transport), and
 * has the facilitator of `gateway` settle them. Its tool `hello` is free.
 */
export async function startPaidToolServer(gateway: MockGateway, options: ToolServerOptions = {}) {
  const accepts: PaymentRequirements = {
    scheme: 'exact',
    network: BASE,
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    amount: String(PRICE),
    payTo: privateKeyToAccount(generatePrivateKey()).address,
    maxTimeoutSeconds: 60,
    extra: { name: 'USD Coin', version: '2' },
  }
  const seen = { calls: 0, paid: 0, headers: 0 }
  const trouble = { loseAnswers: 0, talkFirst: false }
  const sold = new Map<string, CallToolResult>()

  const ask = (error: string): CallToolResult => {
    const url = options.resource ?? 'mcp://tool/add'
    const terms = { x402Version: 2, error, resource: { url }, accepts: [accepts] }
    const text = JSON.stringify(terms)
    const structured = options.terms === 'text' ? {} : { structuredContent: terms }
    return { isError: true, ...structured, content: [{ type: 'text', text }] }
  }
  const sell = async (payment: PaymentPayload, sum: number): Promise<CallToolResult> => {
    const receipt = await gateway.facilitator.settle(payment, accepts)
    if (!receipt.success) return ask(receipt.errorReason ?? 'not settled')
    seen.paid += 1
    const content = [{ type: 'text' as const, text: String(sum) }]
    return { content, _meta: { 'x402/payment-response': receipt } }
  }
  const adder = (response: Response) => {
    const server = new McpServer({ name: 'adder', version: '1.0.0' })
    server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }))
    const inputSchema = { a: z.number(), b: z.number() }
    server.registerTool('add', { inputSchema }, async ({ a, b }, { _meta, sendNotification }) => {
      const payment = _meta?.['x402/payment'] as PaymentPayload | undefined // the facilitator checks it
      if (!payment) return ask('Payment required to use this tool')
      const signature = JSON.stringify(payment.payload)
      const result = (options.remembers && sold.get(signature)) || (await sell(payment, a + b))
      sold.set(signature, result)
      const progressToken = _meta?.progressToken
      if (trouble.talkFirst && progressToken !== undefined) {
        await sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress: 1 },
        })
      }
      if (trouble.loseAnswers > 0) {
        trouble.loseAnswers -= 1
        response.socket?.destroy()
      }
      return result
    })
    return server
  }

  const app = express()
  app.use(express.json())
  app.post('/mcp', async (request, response) => {
    if (request.body.method === 'tools/call') seen.calls += 1
    if (request.headers['payment-signature']) seen.headers += 1
    const transport = new StreamableHTTPServerTransport({
      enableJsonResponse: options.answers !== 'events',
    })
    await adder(response).connect(transport)
    await transport.handleRequest(request, response, request.body)
  })
  app.all('/mcp', (_, response) => void response.sendStatus(405))
  /** A local chain knows nothing of a wallet that no gateway has seen. */
  const fund = (address: string) => gateway.state.setBalance(BASE, address, '$100')
  return { url: `${await listen(app)}/mcp`, seen, trouble, fund }
}
