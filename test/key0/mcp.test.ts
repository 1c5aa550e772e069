import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js'
import type { PaymentPayload, PaymentRequired } from '@x402/core/types'
import { expect, onTestFinished, test } from 'vitest'
import type { MockGateway } from '../../packages/mock-gateway/src/createMockGateway'
import { challengeOf, startKey0, statesOf } from '../../packages/mock-gateway/src/testing/key0'
import { evmPayer } from '../../packages/mock-gateway/src/testing/officialClients'

const BASE = 'eip155:8453'
const PLAN = { planId: 'basic', resourceId: 'report' }
const weather = { routeId: 'weather', resource: { method: 'GET', path: '/api/weather/oslo' } }

/** The official MCP client at a Key0 seller. */
async function connect(gateway: MockGateway): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' })
  const inResults: typeof fetch = async (...args) => {
    const response = await fetch(...args)
    expect(response.headers.get('payment-response')).toBeNull()
    return response
  }
  const url = new URL(`${gateway.url}/mcp`)
  await client.connect(new StreamableHTTPClientTransport(url, { fetch: inResults }))
  onTestFinished(() => client.close())
  return client
}

/** Calls `access`, with a payment where there is one. */
async function access(client: Client, args: Record<string, unknown>, payment?: unknown) {
  const result = CallToolResultSchema.parse(
    await client.callTool({
      name: 'access',
      arguments: args,
      ...(payment === undefined ? {} : { _meta: { 'x402/payment': payment } }),
    }),
  )
  const [first] = result.content
  return { ...result, text: first?.type === 'text' ? first.text : '' }
}

/** A payment of what `access` asks for, with the network at the top as Key0 wants it. */
async function sign(
  client: Client,
  args: Record<string, unknown>,
  payer = evmPayer(),
): Promise<PaymentPayload & { network: string }> {
  const { structuredContent } = await access(client, args)
  const terms = structuredContent as unknown as PaymentRequired
  return { ...(await payer.client.createPaymentPayload(terms)), network: BASE }
}

test('the official client lists the tools, and discovers what is sold', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(['discover', 'access'])
  const { content } = await client.callTool({ name: 'discover', arguments: {} })
  const [told] = content as { text: string }[]
  expect(JSON.parse(told?.text ?? '')).toEqual(
    await (await fetch(`${gateway.url}/discover`)).json(),
  )
  await client.ping()
})

test('a tool call is asked for a payment, pays, and is granted access', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const asked = await access(client, PLAN)
  expect(asked.isError).toBe(true)
  expect(asked.structuredContent).toMatchObject({
    x402Version: 2,
    accepts: [{ network: BASE, amount: '100000', extra: { name: 'USD Coin', version: '2' } }],
  })
  expect(JSON.parse(asked.text)).toEqual({
    ...asked.structuredContent,
    x402PaymentUrl: `${gateway.url}/x402/access`,
    paymentInstructions: expect.any(String),
  })

  const payer = evmPayer()
  const payment = await sign(client, PLAN, payer)
  const paid = await access(client, PLAN, payment)
  const challenge = challengeOf(gateway)
  expect(paid.isError).toBeUndefined()
  const { status, ...grant } = JSON.parse(paid.text)
  expect([status, grant]).toEqual(['access_granted', challenge.delivery])
  expect(grant.requestId).toMatch(/^mcp-[0-9a-f]{32}$/)
  expect(paid._meta).toEqual({
    'x402/payment-response': {
      success: true,
      transaction: challenge.sale?.transaction,
      network: BASE,
      payer: payer.account.address,
    },
  })
  expect(statesOf(challenge)).toEqual(['PENDING', 'PAID', 'PAID', 'DELIVERED'])
  const headers = { authorization: `Bearer ${grant.accessToken}` }
  expect((await fetch(grant.resourceEndpoint, { headers })).status).toBe(200)
})

test('the same payment again gets the same grant, unless the seller settles before it looks', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const payment = await sign(client, PLAN)
  const paid = await access(client, PLAN, payment)
  expect(await access(client, PLAN, payment)).toEqual(paid)
  gateway.faults.next('key0-charges-again', { path: '/mcp' })
  const refused = await access(client, PLAN, payment)
  expect(refused.isError).toBe(true)
  expect(refused.structuredContent).toMatchObject({ error: 'nonce_used', accepts: [{}] })
  expect(gateway.state.sales).toHaveLength(1)
})

test('a payment of x402 version 2 as it is, without a network at the top, is refused', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const { network: _, ...plain } = await sign(client, PLAN)
  for (const payment of [plain, 'text', { ...plain, network: BASE, x402Version: '2' }]) {
    const refused = await access(client, PLAN, payment)
    expect([refused.isError, refused.text]).toEqual([true, 'Invalid x402 payment payload in _meta'])
  }
  expect(gateway.state.sales).toEqual([])
})

test('a route is sold by a tool too, unless the seller charges for it and delivers nothing', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const bought = await access(client, weather, await sign(client, weather))
  expect(JSON.parse(bought.text)).toMatchObject({
    type: 'ResourceResponse',
    resource: { status: 200, body: { routeId: 'weather' } },
  })
  const payment = await sign(client, weather)
  gateway.faults.next('key0-charges-for-route')
  const lost = await access(client, weather, payment)
  expect([lost.isError, JSON.parse(lost.text).code]).toEqual([true, 'TIER_NOT_FOUND'])
  expect(gateway.state.sales.map(({ delivered }) => delivered)).toEqual(['weather', undefined])
})

test.each([
  [{ planId: 'gold' }, 'TIER_NOT_FOUND'],
  [{ routeId: 'weather' }, 'RESOURCE_REQUIRED'],
  [{ planId: 'trial' }, 'UNSUPPORTED_FREE_PLAN'],
])('access of %j says %s', async (args, code) => {
  const client = await connect(await startKey0())
  const refused = await access(client, args)
  expect([refused.isError, JSON.parse(refused.text).code]).toEqual([true, code])
})

test('a lost answer is asked for again with the same payment', async () => {
  const gateway = await startKey0()
  const client = await connect(gateway)
  const payment = await sign(client, PLAN)
  gateway.faults.next('5xx-after-settle')
  await expect(access(client, PLAN, payment)).rejects.toThrow('upstream failed')
  expect(JSON.parse((await access(client, PLAN, payment)).text).status).toBe('access_granted')
  expect(gateway.state.sales).toHaveLength(1)
})

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const post = (gateway: MockGateway, accept: string, body: unknown = ping) =>
  fetch(`${gateway.url}/mcp`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const BOTH = 'application/json, text/event-stream'

test.each(['application/json', 'text/event-stream', '*/*'])(
  'a client that accepts %s alone gets a 406',
  async (accept) => {
    const response = await post(await startKey0(), accept)
    expect([response.status, (await response.json()).error.code]).toEqual([406, -32000])
  },
)

test('answers are framed as events, notifications have none, and there is nothing to listen to', async () => {
  const gateway = await startKey0()
  const response = await post(gateway, BOTH)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(await response.text()).toBe(
    'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
  )
  const noted = await post(gateway, BOTH, { jsonrpc: '2.0', method: 'notifications/initialized' })
  expect([noted.status, await noted.text()]).toEqual([202, ''])
  for (const method of ['GET', 'DELETE']) {
    expect((await fetch(`${gateway.url}/mcp`, { method })).status).toBe(405)
  }
  expect((await post(gateway, BOTH, { method: 'ping' })).status).toBe(400)
  const unknown = await post(gateway, BOTH, { ...ping, method: 'prompts/list' })
  expect(await unknown.text()).toContain('-32601')
})

test('the server is described at /.well-known/mcp.json', async () => {
  const { url } = await startKey0()
  expect(await (await fetch(`${url}/.well-known/mcp.json`)).json()).toMatchObject({
    transport: { type: 'streamable-http', url: `${url}/mcp` },
    tools: [{ name: 'discover' }, { name: 'access' }],
  })
})
