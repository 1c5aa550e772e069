import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPairSigner } from '@solana/kit'
import { ExactSvmSchemeV1 } from '@x402/svm/exact/v1/client'
import { expect, onTestFinished, test } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { MockGatewayOptions } from '../../options'
import { decoded, withHeaders } from '../../testing/chat'
import { evmPayer, type Payer, SOLANA, solanaPayer } from '../../testing/officialClients'
import { startGateway } from '../../testing/startGateway'
import { signAgainst, termsAt, withOffers } from '../../testing/terms'
import type { SolrouterOptions } from './options'

const STRANGER = 'Vote111111111111111111111111111111111111111'

const bytes = (count: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(count))).toString('base64')
const envelope = () => ({
  ciphertext: bytes(96),
  nonce: bytes(16),
  publicKey: bytes(32),
  algorithm: 'Arcium-RescueCipher',
  version: '2.0-packed31',
})
const newKey = () => `sk_solrouter_${crypto.randomUUID().replaceAll('-', '')}`

const start = (solrouter: SolrouterOptions = {}, more: MockGatewayOptions = {}) =>
  startGateway({ dialects: ['solrouter'], solrouter, ...more })
const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const post = (gateway: MockGateway, path: string, body: unknown, key?: string) => {
  const init = json(body)
  const headers = { authorization: `Bearer ${key}` }
  return fetch(`${gateway.url}${path}`, key === undefined ? init : withHeaders(init, headers))
}
const get = (gateway: MockGateway, path: string, key?: string) =>
  fetch(
    `${gateway.url}${path}`,
    key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } },
  )
const chatAt = (gateway: MockGateway) => `${gateway.url}/api/v1/x402/chat/completions`
const question = () => ({ encryptedPrompt: envelope(), model: 'nosana:gpt-oss:20b' })

/** The official client of version 1, over the gateway's chain. */
const payer = async (gateway: MockGateway): Promise<Payer<KeyPairSigner>> => {
  const made = await solanaPayer(gateway)
  const scheme = new ExactSvmSchemeV1(made.account, { rpcUrl: gateway.rpc[SOLANA] ?? '' })
  made.client.registerV1('solana', scheme)
  return made
}
const sign = async (gateway: MockGateway, change = withOffers({}), url = chatAt(gateway)) =>
  signAgainst(url, await payer(gateway), { init: json(question()), change })
const send = (
  gateway: MockGateway,
  payment: unknown,
  init = json(question()),
  url = chatAt(gateway),
) => {
  const header = Buffer.from(JSON.stringify(payment)).toString('base64')
  return fetch(url, withHeaders(init, { 'X-PAYMENT': header }))
}

test('the official client of version 1 pays for an encrypted chat on Solana', async () => {
  const gateway = await start()
  const bare = await fetch(chatAt(gateway), json(question()))
  expect(bare.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect(await bare.json()).toMatchObject({
    x402Version: 1,
    error: expect.any(String),
    accepts: [
      {
        scheme: 'exact',
        network: 'solana',
        maxAmountRequired: '20000',
        resource: chatAt(gateway),
        extra: { feePayer: expect.any(String) },
      },
    ],
  })
  const { account, pay } = await payer(gateway)
  const asked = question()
  const response = await pay(chatAt(gateway), json(asked))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({
    encryptedResponse: asked.encryptedPrompt,
    usage: { total_tokens: expect.any(Number) },
    cost: 0.02,
  })
  const [sale] = gateway.state.sales
  expect(sale).toMatchObject({
    dialect: 'solrouter',
    network: SOLANA,
    payer: account.address,
    amount: 20_000n,
    delivered: 'chat',
  })
  expect(decoded(response, 'X-PAYMENT-RESPONSE')).toEqual({
    success: true,
    transaction: sale?.transaction,
    network: 'solana',
    payer: account.address,
  })
})

test('in version 2 the terms are in the header, and the official client pays as well', async () => {
  const gateway = await start({ version: 2, prices: { chat: '$0.005' } })
  const bare = await fetch(chatAt(gateway), json(question()))
  expect(await bare.json()).toEqual({ error: 'payment_required' })
  expect((await (await payer(gateway)).pay(chatAt(gateway), json(question()))).status).toBe(200)
  expect(gateway.state.sales).toMatchObject([{ amount: 5_000n }])
})

test('the manifest, the card and the capabilities tell the prices that a 402 asks', async () => {
  const gateway = await start({ prices: { swap: '$0.07' } })
  const read = async (path: string) => (await get(gateway, path)).json()
  const manifest = await read('/.well-known/x402')
  expect(manifest).toMatchObject({ x402Version: 1, network: 'solana' })
  for (const { method, path, price } of manifest.resources) {
    const terms = await termsAt(`${gateway.url}${path}`, method === 'POST' ? json({}) : {})
    const asked = (terms.accepts[0] as unknown as { maxAmountRequired: string }).maxAmountRequired
    expect([path, price]).toEqual([path, `$${Number(asked) / 1e6}`])
    expect(terms.accepts[0]).toMatchObject({ payTo: manifest.payTo, asset: manifest.asset })
  }
  const { capabilities } = await read('/agents/v1/capabilities')
  expect(capabilities).toContainEqual({
    name: 'swap',
    method: 'POST',
    path: '/agents/v1/swap',
    price_usdc: '0.07',
  })
  expect((await read('/.well-known/agent-card.json')).skills).toHaveLength(10)
  expect(Object.keys((await read('/agents/v1/openapi.json')).paths)).toHaveLength(10)
})

test.each([
  ['another amount', { maxAmountRequired: '1' }],
  ['another receiver', { payTo: STRANGER }],
])('%s buys nothing', async (_, change) => {
  const gateway = await start()
  const response = await send(gateway, await sign(gateway, withOffers(change)))
  expect(response.status).toBe(402)
  expect(await response.json()).toMatchObject({ x402Version: 1, accepts: { length: 1 } })
  expect(decoded(response, 'X-PAYMENT-RESPONSE')).toMatchObject({ success: false })
  expect(gateway.state.sales).toEqual([])
})

test('of ten that bear the same signature at once, one buys', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(gateway, payment)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  const again = await send(gateway, payment)
  expect(decoded(again, 'X-PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'duplicate_settlement',
  })
  expect(gateway.state.counts().sales).toBe(1)
})

test('what cannot be answered is not charged, and its signature still buys', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  for (const [body, error] of [
    [{ model: 'gpt-oss:20b' }, 'missing_required_fields'],
    [{ ...question(), encryptedPrompt: 'plain text' }, 'bad_request'],
    [{ ...question(), model: 'unknown' }, 'bad_request'],
    [{ ...question(), maxTokens: 0 }, 'bad_request'],
  ] as const) {
    const response = await send(gateway, payment, json(body))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error })
  }
  expect(gateway.state.sales).toEqual([])
  expect((await send(gateway, payment)).status).toBe(200)
})

test('a payment is looked at before the request that it is for', async () => {
  const gateway = await start()
  const payment = await sign(gateway, withOffers({ payTo: STRANGER }))
  expect((await send(gateway, payment, json({}))).status).toBe(402)
})

test('a wallet that is not served gets 451, and keeps its money', async () => {
  const url = (gateway: MockGateway) => `${gateway.url}/agents/v1/swap`
  const first = await start()
  const { account } = await payer(first)
  const gateway = await start({ sanctioned: [account.address] })
  const scheme = new ExactSvmSchemeV1(account, { rpcUrl: gateway.rpc[SOLANA] ?? '' })
  const { client } = evmPayer()
  client.registerV1('solana', scheme)
  const payment = await signAgainst(url(gateway), { client }, { init: json({}) })
  const response = await send(gateway, payment, json({}), url(gateway))
  expect(response.status).toBe(451)
  expect(await response.json()).toEqual({ error: 'sanctioned' })
  expect(gateway.state.sales).toEqual([])
})

test.each([
  ['5xx-after-verify', 500, 0],
  ['5xx-after-settle', 502, 1],
] as const)('%s answers %i, with %i sales', async (kind, status, sales) => {
  const gateway = await start()
  gateway.faults.next(kind)
  const response = await (await payer(gateway)).pay(chatAt(gateway), json(question()))
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: expect.any(String) })
  expect(gateway.state.counts().sales).toBe(sales)
})

test('an answer that is lost after settling was paid for', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  gateway.faults.next('drop-after-settle')
  await expect(send(gateway, payment)).rejects.toThrow('fetch failed')
  expect(gateway.state.sales).toMatchObject([{ delivered: 'chat' }])
  expect((await send(gateway, payment)).status).toBe(402)
  expect(gateway.state.counts().sales).toBe(1)
})

test('a key has free messages, then its balance, and then a 200 that says no', async () => {
  const key = newKey()
  const gateway = await start({ keys: { [key]: { balance: '$0.03', freeMessages: 1 } } })
  const ask = async () => {
    const response = await post(gateway, '/agent', { prompt: 'hello there' }, key)
    return [response.status, await response.json()]
  }
  expect(await ask()).toEqual([
    200,
    {
      success: true,
      reply: 'hello there',
      toolCalls: [],
      usage: expect.objectContaining({ totalTokens: expect.any(Number) }),
      iterations: 1,
      model: 'gpt-oss:20b',
      provider: 'nosana',
      billing: null,
      freeMessagesRemaining: 0,
    },
  ])
  expect(await ask()).toMatchObject([200, { success: true, billing: { charged_usdc: '0.02' } }])
  expect(await ask()).toEqual([
    200,
    { success: false, requiresDeposit: true, reason: 'free_trial_exhausted' },
  ])
  expect(await (await get(gateway, '/api/v1/balance', key)).json()).toEqual({
    balance_usdc: 0.01,
    balance_formatted: '$0.01',
  })
  expect(await (await get(gateway, '/api/v1/usage', key)).json()).toMatchObject({
    calls: 2,
    spent_usdc: 0.02,
  })
  const braid = await post(gateway, '/agent', { prompt: 'x', reasoning: 'braid' }, key)
  expect(await braid.json()).toMatchObject({ success: true, reasoning: 'braid', cost: 'FREE' })
})

test('encrypted envelopes pass through unread, and what is none is refused', async () => {
  const key = newKey()
  const gateway = await start({ keys: { [key]: {} } })
  const sealed = JSON.stringify(envelope())
  const agent = await post(gateway, '/agent', { encryptedPrompt: sealed }, key)
  expect(await agent.json()).toMatchObject({
    success: true,
    encrypted: true,
    encryptedResponse: sealed,
  })
  const model = 'nosana:qwen3.8:27b'
  const tee = await post(gateway, '/tee/process', { encryptedPrompt: sealed, model }, key)
  expect(await tee.json()).toMatchObject({
    success: true,
    encryptedResponse: sealed,
    backendRole: 'BLIND_RELAY',
    usage: { source: 'free', calls_remaining: 3 },
  })
  for (const broken of [{ nonce: bytes(15) }, { publicKey: 'no base64' }, { version: '1.0' }]) {
    const encryptedPrompt = { ...envelope(), ...broken }
    expect((await post(gateway, '/agent', { encryptedPrompt }, key)).status).toBe(400)
  }
  const { publicKey } = await (await get(gateway, '/tee/public-key')).json()
  expect(Buffer.from(publicKey, 'base64')).toHaveLength(32)
})

test('a guest has five encrypted calls a day', async () => {
  const gateway = await start()
  const ask = () => post(gateway, '/tee/process', question())
  for (let left = 4; left >= 0; left -= 1) {
    expect(await (await ask()).json()).toMatchObject({
      usage: { source: 'guest', calls_remaining: left },
    })
  }
  const refused = await ask()
  expect([refused.status, await refused.json()]).toEqual([429, { error: 'guest_limit' }])
  await gateway.state.advance({ milliseconds: 24 * 3_600_000 })
  expect((await ask()).status).toBe(200)
  const body = { model: 'gpt-oss:20b' }
  expect(await (await post(gateway, '/tee/process', body)).json()).toEqual({
    error: 'Missing encrypted prompt',
  })
})

test('a key is debited the price of a call, and refused when that is not there', async () => {
  const key = newKey()
  const gateway = await start({ keys: { [key]: { balance: '$0.12' } } })
  const oneshot = () => post(gateway, '/agents/v1/oneshot', {}, key)
  expect(await (await oneshot()).json()).toMatchObject({ success: true, action: 'oneshot' })
  const refused = await oneshot()
  expect([refused.status, await refused.json()]).toEqual([
    402,
    { error: 'insufficient_funds', detail: 'oneshot costs $0.1' },
  ])
  expect((await get(gateway, '/agents/v1/balance', key)).status).toBe(200)
  const chat = () => post(gateway, '/api/v1/chat/completions', question(), key)
  expect((await chat()).status).toBe(402)
  expect(gateway.state.counts().sales).toBe(0)
})

test('a plan is subscribed to once, and then pays for messages', async () => {
  const key = newKey()
  const gateway = await start({ keys: { [key]: { freeMessages: 0 } } })
  const subscribe = () => post(gateway, '/api/v1/subscribe', { plan: 'pro' }, key)
  expect((await subscribe()).status).toBe(200)
  const again = await subscribe()
  expect([again.status, await again.json()]).toEqual([409, { error: 'already_subscribed' }])
  const answer = await post(gateway, '/agent', { prompt: 'x' }, key)
  expect(await answer.json()).toMatchObject({ success: true, billing: null })
})

test('a key that is not known is a 401, and so is none where one is needed', async () => {
  const gateway = await start()
  for (const path of ['/agent', '/router', '/api/v1/chat/completions', '/api/v1/subscribe']) {
    const none = await post(gateway, path, { prompt: 'x' })
    expect([none.status, await none.json()]).toEqual([401, { error: 'unauthorized' }])
  }
  expect((await post(gateway, '/agents/v1/swap', {}, newKey())).status).toBe(401)
  expect((await get(gateway, '/api/v1/models')).status).toBe(200)
  expect(await (await get(gateway, '/nowhere')).json()).toMatchObject({ error: 'not_found' })
})

test('faults on arrival speak as Solrouter does', async () => {
  const gateway = await start()
  const struck = async (kind: '5xx-before' | '429-before', status = 502) => {
    gateway.faults.next(kind, { status })
    const response = await post(gateway, '/tee/process', question())
    return [response.status, (await response.json()).error]
  }
  expect(await struck('5xx-before')).toEqual([502, 'tee_unreachable'])
  expect(await struck('5xx-before', 503)).toEqual([503, 'billing_unavailable'])
  expect(await struck('5xx-before', 501)).toEqual([501, 'nosana_not_configured'])
  expect(await struck('429-before')).toEqual([429, 'rate_limited'])
})

test('balances and sales outlive a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const key = newKey()
  const keys = { [key]: { balance: '$1' } }
  const options = { stateFile: join(folder, 'state.json') }
  const gateway = await start({ keys }, options)
  await post(gateway, '/agents/v1/oneshot', {}, key)
  const payment = await sign(gateway)
  await send(gateway, payment)
  await gateway.close()
  const later = await start({ keys }, options)
  expect(await (await get(later, '/api/v1/balance', key)).json()).toMatchObject({
    balance_usdc: 0.9,
  })
  expect((await send(later, payment)).status).toBe(402)
  expect(later.state.counts().sales).toBe(1)
  await later.state.reset()
  expect(await (await get(later, '/api/v1/balance', key)).json()).toMatchObject({ balance_usdc: 1 })
})

test('options that cannot be used are refused, and a key is not repeated', async () => {
  const short = `sk_solrouter_${'x'.repeat(19)}`
  await expect(start({ keys: { [short]: {} } })).rejects.toThrow('have 33 characters or more')
  await expect(start({ keys: { [short]: {} } })).rejects.not.toThrow(short)
  await expect(start({ prices: { nothing: '$1' } as never })).rejects.toThrow("no 'nothing'")
  await expect(start({ version: 3 as 2 })).rejects.toThrow('solrouter.version must be 1 or 2')
  await expect(start({ keys: { [newKey()]: { freeMessages: -1 } } })).rejects.toThrow(
    'freeMessages must be a whole number',
  )
  await expect(start({}, { networks: ['eip155:8453'] })).rejects.toThrow(GatewayConfigError)
})
