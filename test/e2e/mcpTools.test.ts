import { memoryStore } from '@arouter/sdk'
import { type AgentWalletOptions, createAgentWallet } from '@arouter/sdk/agent'
import { mcpFetch } from '@arouter/sdk/mcp'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { expect, onTestFinished, test } from 'vitest'
import { countingAccount, failure, startGateway } from '../support/harness'
import { startPaidMcpServer } from '../support/paidMcpServer'
import { startPaidToolServer, type ToolServerOptions } from '../support/paidToolServer'

const SUM = [{ type: 'text', text: '5' }]
const ADD = { name: 'add', arguments: { a: 2, b: 3 } }

/** An MCP client on a new wallet. */
async function connect(
  { url, fund }: { url: string; fund: (address: string) => Promise<void> },
  options: Partial<AgentWalletOptions> = {},
) {
  const { account, signed } = countingAccount()
  await fund(account.address)
  const wallet = createAgentWallet({
    evm: { signer: account },
    origins: [new URL(url).origin],
    store: memoryStore(),
    ...options,
  })
  const client = new Client({ name: 'agent', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch: mcpFetch(wallet) }))
  onTestFinished(() => client.close())
  return { client, wallet, signed }
}

async function startTools(options: ToolServerOptions = {}) {
  const gateway = await startGateway()
  return startPaidToolServer(gateway, options)
}

test.each([
  { answers: 'json' },
  { answers: 'events' },
  { answers: 'json', terms: 'text' },
  { answers: 'events', terms: 'text' },
] as const)('a tool that asks for a payment in its result is paid once: %o', async (options) => {
  const server = await startTools(options)
  const { client, wallet, signed } = await connect(server)
  const { content, _meta } = await client.callTool(ADD)
  expect(content).toEqual(SUM)
  expect(_meta).toMatchObject({ 'x402/payment-response': { success: true } })
  expect(server.seen).toEqual({ calls: 2, paid: 1, headers: 0 })
  expect(signed.transfers).toBe(1)
  const [payment] = await wallet.payments.list()
  expect(payment).toMatchObject({ state: 'settled', amount: 50_000n })
  expect(payment?.transaction).toMatch(/^0x\w{64}$/)
})

test('what is free goes by the wallet, wherever it is', async () => {
  const server = await startTools()
  const { client, signed } = await connect(server, { origins: ['http://127.0.0.1:1'] })
  expect(await client.callTool({ name: 'hello' })).toMatchObject({ content: [{ text: 'hello' }] })
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['hello', 'add'])
  expect(await failure(client.callTool(ADD))).toMatchObject({ code: 'origin_not_allowed' })
  expect(signed.transfers).toBe(0)
  expect(server.seen.calls).toBe(2)
})

test('each call of a tool is paid for', async () => {
  const server = await startTools({ answers: 'events' })
  const { client } = await connect(server)
  await Promise.all([client.callTool(ADD), client.callTool(ADD)])
  expect(server.seen.paid).toBe(2)
})

test('a call whose answer is lost is made again with the same signature', async () => {
  const server = await startTools({ remembers: true })
  const { client, signed } = await connect(server)
  server.trouble.loseAnswers = 1
  expect((await client.callTool(ADD)).content).toEqual(SUM)
  expect(signed.transfers).toBe(1)
  expect(server.seen).toMatchObject({ calls: 3, paid: 1 })
})

test('a call that is made again after it failed is the same purchase', async () => {
  const server = await startTools({ remembers: true })
  const { client, signed } = await connect(server)
  server.trouble.loseAnswers = 10
  expect(await failure(client.callTool(ADD))).toMatchObject({ fundsMoved: 'maybe' })
  server.trouble.loseAnswers = 0
  expect((await client.callTool(ADD)).content).toEqual(SUM)
  expect(signed.transfers).toBe(1)
  expect((await client.callTool(ADD)).content).toEqual(SUM)
  expect(signed.transfers).toBe(2)
  expect(server.seen.paid).toBe(2)
})

test('a server that forgets what it sold is not paid again', async () => {
  const server = await startTools()
  const { client, wallet, signed } = await connect(server)
  server.trouble.loseAnswers = 1
  const error = await failure(client.callTool(ADD))
  expect(error).toMatchObject({ fundsMoved: expect.stringMatching(/maybe|yes/) })
  expect(signed.transfers).toBe(1)
  expect(await wallet.payments.list()).toHaveLength(1)
})

test('a paid answer that begins with progress comes as it is', async () => {
  const server = await startTools({ answers: 'events' })
  const { client, wallet } = await connect(server)
  server.trouble.talkFirst = true
  const heard: number[] = []
  const onprogress = ({ progress }: { progress: number }) => heard.push(progress)
  const { content } = await client.callTool(ADD, undefined, { onprogress })
  expect(content).toEqual(SUM)
  expect(heard).toEqual([1])
  expect(await wallet.payments.list()).toHaveLength(1)
  expect((await wallet.budget.status())[0]?.spent).toBe(50_000n)
})

test('terms for a resource of another origin, and over the limits, are refused', async () => {
  const foreign = await startTools({ resource: 'https://example.com/add' })
  const first = await connect(foreign)
  expect(await failure(first.client.callTool(ADD))).toMatchObject({ code: 'no_acceptable_offer' })
  const dear = await startTools()
  const second = await connect(dear, { maxPerPayment: '$0.01' })
  expect(await failure(second.client.callTool(ADD))).toMatchObject({ fundsMoved: 'no' })
  expect([first.signed.transfers, second.signed.transfers]).toEqual([0, 0])
})

test('a server that asks by the 402 of HTTP is paid by its header', async () => {
  const server = await startPaidMcpServer(await startGateway())
  const { client, signed } = await connect(server)
  expect((await client.callTool(ADD)).content).toEqual(SUM)
  expect(signed.transfers).toBe(1)
  expect(server.calls.filter((method) => method === 'tools/call')).toHaveLength(2)
})
