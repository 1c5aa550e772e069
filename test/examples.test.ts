import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMockGateway, type MockGatewayOptions } from '@arouter/mock-gateway'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, onTestFinished, test } from 'vitest'
import * as agentWallet from '../examples/agent-wallet'
import * as aiSdk from '../examples/ai-sdk'
import * as aixbt from '../examples/aixbt'
import * as anthropic from '../examples/anthropic'
import * as apiKey from '../examples/api-key'
import * as axios from '../examples/axios'
import * as bothChains from '../examples/both-chains'
import * as budget from '../examples/budget'
import * as cdp from '../examples/cdp'
import { faultsOf } from '../examples/demo/measure'
import * as evm from '../examples/evm'
import * as gemini from '../examples/gemini'
import * as key0 from '../examples/key0'
import * as ky from '../examples/ky'
import * as langchain from '../examples/langchain'
import * as mcp from '../examples/mcp'
import * as mistral from '../examples/mistral'
import * as openai from '../examples/openai'
import * as privy from '../examples/privy'
import * as signIn from '../examples/sign-in'
import * as solana from '../examples/solana'
import * as solrouter from '../examples/solrouter'
import * as streaming from '../examples/streaming'
import * as turnkey from '../examples/turnkey'
import * as x402Axios from '../examples/x402-axios'
import * as x402Fetch from '../examples/x402-fetch'
import { runCommand } from './package/runCommand'
import { startPaidToolServer } from './support/paidToolServer'
import { cdpDouble, privyDouble, turnkeyDouble } from './support/serverWallets'

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const ONE_DOLLAR = 1_000_000n

async function start(options: MockGatewayOptions = {}) {
  const gateway = await createMockGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}

test('evm.ts signs in, pays one dollar on Base and gets an answer', async () => {
  const { url, state } = await start()
  const { answer, paid } = await evm.run(url)
  expect(answer).toMatch(/\S/)
  expect(paid).toBe(ONE_DOLLAR)
  expect(state.counts()).toMatchObject({ requests: 3, payments: 1, signIns: 1 })
  expect(state.payments).toMatchObject([{ network: BASE, amount: ONE_DOLLAR }])
})

test('solana.ts signs in, pays one dollar on Solana and gets an answer', async () => {
  const { url, state } = await start()
  const { answer, paid } = await solana.run(url)
  expect(answer).toMatch(/\S/)
  expect(paid).toBe(ONE_DOLLAR)
  expect(state.counts()).toMatchObject({ requests: 3, payments: 1, signIns: 1, rpc: {} })
  expect(state.payments).toMatchObject([{ network: SOLANA, amount: ONE_DOLLAR }])
})

test('solana.ts asks the RPC it is given where the gateway names no blockhash', async () => {
  const { url, rpc, state } = await start({ blockhashHint: false })
  const { answer } = await solana.run(url, rpc)
  expect(answer).toMatch(/\S/)
  expect(state.counts()).toMatchObject({ payments: 1, rpc: { getLatestBlockhash: 1 } })
})

test.each([BASE, SOLANA] as const)(
  'both-chains.ts pays a gateway that takes only %s',
  async (id) => {
    const { url, state } = await start({ networks: [id] })
    const { answer, network } = await bothChains.run(url)
    expect(answer).toMatch(/\S/)
    expect(network).toBe(id)
    expect(state.counts()).toMatchObject({ payments: 1 })
  },
)

test('sign-in.ts spends credit twice, with two sign-ins and no payment', async () => {
  const { url, state } = await start()
  const account = privateKeyToAccount(generatePrivateKey())
  state.setCredit(account.address, '$1')
  const { tenantId, answers } = await signIn.run(url, account)
  expect(answers).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)])
  expect(state.tenants.map(({ id }) => id)).toEqual([tenantId])
  expect(state.counts()).toMatchObject({ payments: 0, signIns: 2 })
})

test('api-key.ts is answered while its key has balance, and told so when it has none', async () => {
  const { url, state } = await start({
    apiKeys: { 'key-with-balance': { balance: '$1' }, 'key-without': { balance: '$0' } },
  })
  expect((await apiKey.run(url, 'key-with-balance')).answer).toMatch(/\S/)
  const { answer, models } = await apiKey.run(url, 'key-without')
  expect(answer).toBe('Add credit to this key (403).')
  expect(models).toBeGreaterThan(0)
  expect(state.counts()).toMatchObject({ payments: 0, signIns: 0 })
})

test('streaming.ts reads a whole answer and its usage', async () => {
  const { url, state } = await start()
  const { text, tokens } = await streaming.run(url)
  expect(tokens).toBe(20)
  expect(text.trim().split(/\s+/)).toHaveLength(20)
  expect(state.counts()).toMatchObject({ payments: 1, streamsAborted: 0 })
})

test('streaming.ts stops where its signal says so, and hangs up', async () => {
  const { url, state } = await start({ chunkDelay: 20 })
  const controller = new AbortController()
  const running = streaming.run(url, controller.signal)
  await expect.poll(() => state.counts().payments).toBe(1)
  controller.abort()
  await expect(running).rejects.toMatchObject({ name: 'AbortError', code: 'aborted' })
  await expect.poll(() => state.counts().streamsAborted).toBe(1)
})

test.each([
  ['x402-fetch.ts', x402Fetch],
  ['x402-axios.ts', x402Axios],
])('%s pays the gateway with the official client alone', async (_, { run }) => {
  const { url, state } = await start()
  const { status, receipt } = await run(url)
  expect(status).toBe(200)
  expect(JSON.parse(Buffer.from(receipt ?? '', 'base64').toString())).toMatchObject({
    success: true,
    network: BASE,
    jwt: expect.any(String),
  })
  expect(state.counts()).toMatchObject({ requests: 2, payments: 1, signIns: 0 })
})

const once = { 'openai.ts': openai, 'ky.ts': ky, 'axios.ts': axios }
const wholeAndStreamed = {
  'langchain.ts': langchain,
  'anthropic.ts': anthropic,
  'gemini.ts': gemini,
  'mistral.ts': mistral,
}

/** How the wallet was asked for: what it sent as a credential, and what it left out. */
function expectTokensOnly(state: Awaited<ReturnType<typeof start>>['state']) {
  const places = state.requests.map(({ credentials }) => Object.keys(credentials))
  expect(new Set(places.flat())).not.toContain('x-api-key')
  expect(new Set(places.flat())).not.toContain('query')
  expect(state.counts()).toMatchObject({ payments: 1, signIns: 1 })
}

test.each(Object.entries(once))('%s pays with a wallet, and sends no key', async (_, { run }) => {
  const { url, state } = await start()
  expect((await run(url)).answer).toMatch(/has nothing to add/)
  expect(state.counts()).toMatchObject({ requests: 3 })
  expectTokensOnly(state)
})

test.each(Object.entries(wholeAndStreamed))(
  '%s is answered whole and streamed on one payment, and sends no key',
  async (_, { run }) => {
    const { url, state } = await start()
    const { answers } = await run(url)
    expect(answers).toEqual([expect.stringMatching(/has nothing to add/), answers[0]])
    expect(state.counts()).toMatchObject({ requests: 4 })
    expectTokensOnly(state)
  },
)

test('ai-sdk.ts is answered whole and streamed, and embeds, on one payment', async () => {
  const { url, state } = await start()
  const { answers, cost, dimensions } = await aiSdk.run(url)
  expect(answers).toEqual([expect.stringMatching(/has nothing to add/), answers[0]])
  expect(dimensions).toBe(1_536)
  const charged = state.ledger.find(({ type }) => type === 'usage')?.amount
  expect(cost).toBe(Number(charged) / 1e6)
  expect(state.counts()).toMatchObject({ requests: 5 })
  expectTokensOnly(state)
})

test('mcp.ts pays for the call of a tool, and for nothing else', async () => {
  const { url, seen } = await startPaidToolServer(await start())
  expect(await mcp.run(url)).toEqual({
    tools: ['hello', 'add'],
    content: [{ type: 'text', text: '5' }],
    paid: [50_000n],
  })
  expect(seen).toMatchObject({ calls: 2, paid: 1 })
})

test('agent-wallet.ts buys from a seller of single things, and an order once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'arouter-agent-wallet-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { url, state } = await start({ dialects: ['x402'] })
  const bought = { price: 10_000n, status: 200, isSame: true, spent: 20_000n }
  expect(await agentWallet.run(url, folder)).toEqual(bought)
  expect(state.sales).toHaveLength(2)
})

test('aixbt.ts buys a key for a day, saves it and uses it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wallet-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { url, state } = await start({ dialects: ['aixbt'] })
  expect(await aixbt.run(url, folder)).toEqual({ projects: 3, left: 29, kept: 1 })
  expect(state.sales).toMatchObject([{ dialect: 'aixbt', amount: 10n * ONE_DOLLAR }])
})

test('key0.ts buys a plan once and uses it, and pays for a route', async () => {
  const { url } = await start({ dialects: ['key0'] })
  expect(await key0.run(url)).toEqual({
    plans: ['basic', 'pro', 'trial'],
    report: { resourceId: 'default', secret: expect.any(String) },
    weather: expect.objectContaining({ path: '/api/weather/oslo' }),
    paid: [100_000n, 10_000n],
  })
})

test('solrouter.ts pays for an encrypted chat on Solana, and asks the agent with a key', async () => {
  const apiKey = `sk_solrouter_${randomBytes(16).toString('hex')}`
  const bytes = (length: number) => randomBytes(length).toString('base64')
  const sealed = {
    ciphertext: bytes(96),
    nonce: bytes(16),
    publicKey: bytes(32),
    algorithm: 'Arcium-RescueCipher',
    version: '2.0-packed31',
  }
  const { url, state } = await start({
    dialects: ['solrouter'],
    solrouter: { keys: { [apiKey]: { balance: '$1' } } },
  })
  expect(await solrouter.run(url, sealed, apiKey)).toEqual({
    encryptedResponse: sealed,
    paid: 20_000n,
    reply: 'Hello',
    balance: '$1',
  })
  expect(state.sales).toMatchObject([{ dialect: 'solrouter', network: SOLANA, amount: 20_000n }])
})

test('budget.ts pays within its limits and tells what happens', async () => {
  const { url, state } = await start()
  expect(await budget.run(url)).toEqual({
    events: ['signed-in', 'payment-signed', 'payment-settled', 'payment-closed'],
    budget: [
      {
        address: state.payments[0]?.payer,
        limit: ONE_DOLLAR,
        reserved: 0n,
        spent: ONE_DOLLAR,
        remaining: 0n,
      },
    ],
  })
})

test('budget.ts stops at its limit with an error that says that no funds moved', async () => {
  const { url, state } = await start({ price: '$1' })
  expect(await budget.run(url)).toMatchObject({ code: 'budget_exceeded', fundsMoved: 'no' })
  expect(state.counts()).toMatchObject({ payments: 1 })
})

const serverWallets = {
  'cdp.ts': (url: string) => cdp.run(url, cdpDouble()),
  'privy.ts': (url: string) => {
    const double = privyDouble()
    return privy.run(url, double.privy, double.wallet)
  },
  'turnkey.ts': (url: string) => {
    const double = turnkeyDouble()
    return turnkey.run(url, double.turnkey, double.address)
  },
}

test.each(Object.entries(serverWallets))(
  '%s signs in and pays with a wallet whose key is at a vendor',
  async (_, run) => {
    const { url, state } = await start()
    const { answer, address } = await run(url)
    expect(answer).toMatch(/\S/)
    expect(state.payments).toMatchObject([{ payer: address, amount: ONE_DOLLAR }])
    expect(state.counts()).toMatchObject({ requests: 3, payments: 1, signIns: 1 })
  },
)

test('every example is under 40 lines, and run here', () => {
  const folder = new URL('../examples/', import.meta.url)
  const tests = readFileSync(new URL(import.meta.url), 'utf8')
  for (const name of readdirSync(folder).filter((path) => path.endsWith('.ts'))) {
    expect(readFileSync(new URL(name, folder), 'utf8').split('\n').length, name).toBeLessThan(40)
    expect(tests).toContain(
      name === 'demo.ts' ? 'npm run demo' : `'../examples/${name.slice(0, -3)}'`,
    )
  }
})

test('npm run demo shows every step as it should be and ends by itself', async () => {
  const { code, output } = await runCommand('npm', ['run', 'demo'], { cwd: process.cwd() })
  expect(output).not.toContain('FAILED')
  expect(code).toBe(0)
  const rows = output.split('\n').flatMap((line) => {
    const [, name, ...counts] = /^(\S.*?) {2,}(\d+) +(\d+) +(\d+) +\$(\d)\./.exec(line) ?? []
    return name ? [`${name} | ${counts.join(' ')}`] : []
  })
  expect(rows).toEqual([
    'Base: a cold call pays once | 3 1 2 1',
    'Base: a warm call spends the credit | 1 0 0 0',
    'Base: a streamed answer | 1 0 0 0',
    'Base: an expired token is renewed | 3 0 1 0',
    'Base: credit has run out: one top-up | 2 1 1 1',
    'Solana: a cold call pays once | 3 1 2 1',
    'Solana: a warm call spends the credit | 1 0 0 0',
    'Solana: a streamed answer | 1 0 0 0',
    'Solana: an expired token is renewed | 3 0 1 0',
    'Solana: credit has run out: one top-up | 2 1 1 1',
    'both chains: pays on Base where either will do | 3 1 2 1',
    'both chains: pays on Solana where it must | 3 1 2 1',
  ])
})

test('npm run demo -- --chain local shows what the chains say of it', async () => {
  const command = ['run', 'demo', '--', '--chain', 'local']
  const { code, output } = await runCommand('npm', command, { cwd: process.cwd() })
  expect(output).not.toContain('FAILED')
  expect(code).toBe(0)
  for (const network of ['eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp']) {
    const [, paid = '', transaction] =
      new RegExp(
        `^${network} \\w+: \\$10.000000 before, \\$(\\d+).000000 after\n  \\$1.000000 in (\\w{60,})$`,
        'm',
      ).exec(output) ?? []
    expect([network, Number(paid) < 10, transaction]).toEqual([network, true, expect.any(String)])
  }
})

test('the demo names what a step did that it should not have', async () => {
  const gateway = await start()
  const cost = { roundTrips: 1, payments: 0, signatures: 0, bought: 0n }
  const step = { name: 'a step', gateway, act: async () => 'a step', cost }
  const good = { ...cost, answer: 'a step', used: 1n, milliseconds: 1 }
  expect(faultsOf(step, good)).toEqual([])
  expect(faultsOf(step, { ...good, roundTrips: 2, bought: 5n, used: 0n, answer: 'x' })).toEqual([
    'answer: expected a step, was x',
    'roundTrips: expected 1, was 2',
    'bought: expected 0, was 5',
    'the answer was not charged to the credit',
  ])
})
