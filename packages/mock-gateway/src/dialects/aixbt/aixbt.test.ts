import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { MockGatewayOptions } from '../../options'
import { decoded } from '../../testing/chat'
import { BASE, evmPayer } from '../../testing/officialClients'
import { paid } from '../../testing/payments'
import { startGateway } from '../../testing/startGateway'
import { signAgainst, termsAt, withOffers } from '../../testing/terms'
import type { AixbtOptions } from './aixbt'

const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
const MINUTE = 60_000
const DAY = 24 * 3_600_000

const start = (aixbt: AixbtOptions = {}, more: MockGatewayOptions = {}) =>
  startGateway({ dialects: ['aixbt'], aixbt, ...more })
/** To the beginning of a day, so that no span ends by itself. */
const toNextDay = async (gateway: MockGateway) => {
  const milliseconds = DAY - (Date.now() % DAY)
  await gateway.state.advance({ milliseconds })
  return new Date(Date.now() + milliseconds).toISOString().slice(0, 10)
}
const shop = (gateway: MockGateway, period = '1d') => `${gateway.url}/x402/v2/api-keys/${period}`
const buy = async (gateway: MockGateway, period = '1d', payer = evmPayer()) => {
  const response = await payer.pay(shop(gateway, period), post)
  const { data } = (await response.json()) as { data: { apiKey: string; expiresAt: string } }
  return data
}
const get = (gateway: MockGateway, path: string, apiKey?: string) =>
  fetch(`${gateway.url}${path}`, apiKey === undefined ? {} : { headers: { 'x-api-key': apiKey } })
const send = (gateway: MockGateway, payment: unknown, period = '1d') =>
  fetch(shop(gateway, period), paid(payment, post))
const limited = (response: Response) => {
  const names = [...response.headers].filter(([name]) => /^x-ratelimit-.*-(minute|day)$/.test(name))
  return Object.fromEntries(names)
}

test.each([
  ['1d', 10_000_000n, 1, 'API key for 1 day'],
  ['1w', 50_000_000n, 7, 'API key for 1 week'],
  ['4w', 100_000_000n, 28, 'API key for 4 weeks'],
] as const)(
  'a key for %s costs %i and lasts %i days',
  async (period, amount, days, description) => {
    const now = Date.now()
    const gateway = await start({}, { clock: () => now })
    const bare = await fetch(shop(gateway, period), post)
    expect(await bare.json()).toEqual({ message: 'Payment required' })
    const { resource, accepts } = await termsAt(shop(gateway, period), post)
    expect(resource).toMatchObject({ url: shop(gateway, period), description })
    expect(accepts).toMatchObject([{ network: BASE, amount: amount.toString() }])
    const { account, pay } = evmPayer()
    const response = await pay(shop(gateway, period), post)
    expect(response.status).toBe(201)
    const { status, data } = (await response.json()) as { status: number; data: { apiKey: string } }
    expect(status).toBe(201)
    expect(data).toMatchObject({
      period,
      type: 'x402',
      scopes: ['mcp', 'projects'],
      rateLimit: { requestsPerMinute: 30, requestsPerDay: 10_000 },
      warning: expect.any(String),
    })
    expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({ payer: account.address })
    const info = await (await get(gateway, '/v2/api-keys/info', data.apiKey)).json()
    const name = `x402-${period}-`
    expect(info).toMatchObject({
      status: 200,
      data: { type: 'x402', name: expect.stringContaining(name) },
    })
    expect(gateway.state.sales).toMatchObject([
      { dialect: 'aixbt', amount, delivered: `key ${info.data.name}`, payer: account.address },
    ])
    await gateway.state.advance({ milliseconds: days * DAY - 1 })
    expect((await get(gateway, '/v2/api-keys/info', data.apiKey)).status).toBe(200)
    await gateway.state.advance({ milliseconds: 1 })
    const over = await get(gateway, '/v2/api-keys/info', data.apiKey)
    expect(over.status).toBe(401)
    expect(await over.json()).toMatchObject({ code: 'API_KEY_EXPIRED' })
  },
)

test('a period that is not sold is a 400, and a payment for it is not taken', async () => {
  const gateway = await start()
  const payment = await signAgainst(shop(gateway), evmPayer(), { init: post })
  for (const response of [
    await fetch(shop(gateway, '2d'), post),
    await send(gateway, payment, '2d'),
  ]) {
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      status: 400,
      error: 'Invalid duration',
      data: { message: 'Use 1d, 1w, or 4w.' },
    })
  }
  expect(gateway.state.sales).toEqual([])
  expect((await send(gateway, payment)).status).toBe(201)
})

test.each([
  ['an amount of another period', { amount: '10000000' }, '1w'],
  ['another receiver', { payTo: '0x1111111111111111111111111111111111111111' }, '1d'],
])('%s buys no key', async (_, change, period) => {
  const gateway = await start()
  const payment = await signAgainst(shop(gateway, period), evmPayer(), {
    init: post,
    change: withOffers(change),
  })
  const response = await send(gateway, payment, period)
  expect(response.status).toBe(402)
  expect(await response.json()).toEqual({ message: 'Payment required' })
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({ success: false })
  expect(gateway.state.sales).toEqual([])
})

test('of ten that bear the same signature at once, one gets a key; later it gets none', async () => {
  const gateway = await start()
  const payment = await signAgainst(shop(gateway), evmPayer(), { init: post })
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(gateway, payment)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  const again = await send(gateway, payment)
  expect(decoded(again, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_evm_nonce_already_used',
  })
  expect(gateway.state.counts().sales).toBe(1)
})

test('who fails before the key is made is not charged', async () => {
  const gateway = await start()
  const payment = await signAgainst(shop(gateway), evmPayer(), { init: post })
  gateway.faults.next('5xx-after-verify')
  const failed = await send(gateway, payment)
  expect(failed.status).toBe(500)
  expect(decoded(failed, 'PAYMENT-RESPONSE')).toBeUndefined()
  expect(gateway.state.sales).toEqual([])
  expect((await send(gateway, payment)).status).toBe(201)
})

test('an answer that is lost after settling leaves a key that nobody knows', async () => {
  const gateway = await start()
  const payer = evmPayer()
  const payment = await signAgainst(shop(gateway), payer, { init: post })
  gateway.faults.next('drop-after-settle')
  await expect(send(gateway, payment)).rejects.toThrow('fetch failed')
  expect(gateway.state.sales).toMatchObject([
    { payer: payer.account.address, delivered: expect.stringMatching(/^key x402-1d-/) },
  ])
  expect((await send(gateway, payment)).status).toBe(402)
  expect(gateway.state.counts().sales).toBe(1)
})

test('a settlement that lands late buys a key when its signature comes again', async () => {
  const gateway = await start()
  const payment = await signAgainst(shop(gateway), evmPayer(), { init: post })
  gateway.faults.next('settle-late')
  expect((await send(gateway, payment)).status).toBe(402)
  await gateway.state.advance({ blocks: 1 })
  const response = await send(gateway, payment)
  const { data } = (await response.json()) as { data: { apiKey: string } }
  expect((await get(gateway, '/v2/projects', data.apiKey)).status).toBe(200)
  expect(gateway.state.counts().sales).toBe(1)
})

test('projects come in pages', async () => {
  const gateway = await start()
  const { apiKey } = await buy(gateway)
  const page = async (query: string) => (await get(gateway, `/v2/projects?${query}`, apiKey)).json()
  expect(await page('')).toMatchObject({
    status: 200,
    data: { length: 50 },
    pagination: { page: 1, limit: 50, totalCount: 120, hasMore: true },
  })
  const last = await page('page=3')
  expect(last.pagination).toEqual({ page: 3, limit: 50, totalCount: 120, hasMore: false })
  expect(last.data[0].id).toBe('project-101')
  expect((await page('page=4')).data).toEqual([])
  expect(await page('limit=51')).toMatchObject({ status: 400 })
})

test('what is wrong with a key has a code', async () => {
  const gateway = await start({ fullKeys: { whole: { scopes: ['agents'] } } })
  const { apiKey } = await buy(gateway)
  const ask = async (path: string, key?: string, method = 'GET') => {
    const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key }
    const response = await fetch(`${gateway.url}${path}`, { method, headers })
    const { code, meta } = await response.json()
    return [response.status, code, meta]
  }
  expect(await ask('/v2/api-keys/info')).toEqual([401, 'MISSING_API_KEY', undefined])
  expect(await ask('/v2/projects', 'unknown')).toEqual([401, 'INVALID_API_KEY', undefined])
  expect(await ask('/v2/agents/indigo', apiKey, 'POST')).toEqual([
    403,
    'AGENT_API_NOT_AVAILABLE',
    undefined,
  ])
  expect(await ask('/v2/projects', 'whole')).toEqual([403, 'INVALID_API_KEY_SCOPE', undefined])
  expect(await ask('/v2/agents/indigo', 'whole', 'POST')).toEqual([200, undefined, undefined])
  const [status, code, meta] = await ask('/v2/projects')
  expect([status, code]).toEqual([403, 'API_KEY_REQUIRED'])
  expect(meta.upgrade).toMatchObject({ protocol: 'x402', options: { length: 3 } })
  expect(meta.upgrade.options[0]).toEqual({
    period: '1d',
    price: '$10',
    method: 'POST',
    url: shop(gateway),
  })
  const info = await (await get(gateway, '/v2/api-keys/info', 'whole')).json()
  expect(info.data).toMatchObject({ type: 'full', expiresAt: 'never' })
})

test('a key has so many requests a minute, told in six headers, and then waits', async () => {
  const gateway = await start({ limits: { minute: 2, day: 3 } })
  const { apiKey } = await buy(gateway, '1w')
  const ask = () => get(gateway, '/v2/projects', apiKey)
  const day = await toNextDay(gateway)
  expect(limited(await ask())).toEqual({
    'x-ratelimit-limit-minute': '2',
    'x-ratelimit-remaining-minute': '1',
    'x-ratelimit-reset-minute': `${day}T00:01:00.000Z`,
    'x-ratelimit-limit-day': '3',
    'x-ratelimit-remaining-day': '2',
    'x-ratelimit-reset-day': new Date(Date.parse(day) + DAY).toISOString(),
  })
  await ask()
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({
    error: 'Too Many Requests',
    code: 'RATE_LIMIT_EXCEEDED',
    limitType: 'minute',
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
  expect(limited(refused)).toMatchObject({ 'x-ratelimit-remaining-minute': '0' })
  await gateway.state.advance({ milliseconds: MINUTE })
  expect((await ask()).status).toBe(200)
})

test('who has used up the day is not told to wait a minute', async () => {
  const gateway = await start({ limits: { minute: 1, day: 1 } })
  const { apiKey } = await buy(gateway, '1w')
  await toNextDay(gateway)
  await get(gateway, '/v2/projects', apiKey)
  const refused = await get(gateway, '/v2/projects', apiKey)
  expect(await refused.json()).toMatchObject({ limitType: 'day' })
})

test('a day that is used up is over until the next one', async () => {
  const gateway = await start({ limits: { minute: 5, day: 1 } })
  const [{ apiKey }, other] = [await buy(gateway, '1w'), await buy(gateway, '1w')]
  const ask = () => get(gateway, '/v2/projects', apiKey)
  await toNextDay(gateway)
  await ask()
  await gateway.state.advance({ milliseconds: MINUTE })
  const refused = await ask()
  expect(await refused.json()).toMatchObject({ limitType: 'day' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(23 * 3_600)
  expect((await get(gateway, '/v2/projects', other.apiKey)).status).toBe(200)
  await gateway.state.advance({ milliseconds: DAY })
  expect((await ask()).status).toBe(200)
})

test('faults on arrival speak as aixbt does', async () => {
  const gateway = await start()
  const { apiKey } = await buy(gateway)
  const struck = async (kind: '401' | '429-before' | '5xx-before') => {
    gateway.faults.next(kind)
    const response = await get(gateway, '/v2/projects', apiKey)
    return [response.status, await response.json()]
  }
  expect(await struck('401')).toMatchObject([401, { code: 'INVALID_API_KEY' }])
  expect(await struck('429-before')).toMatchObject([429, { code: 'RATE_LIMIT_EXCEEDED' }])
  expect(await struck('5xx-before')).toMatchObject([502, { status: 502 }])
  expect((await get(gateway, '/nowhere')).status).toBe(404)
})

test('terms can leave out what a payer has to know, and the answer can be a 200', async () => {
  const gateway = await start({ telling: 'bare', keyStatus: 200 })
  const terms = await termsAt(shop(gateway), post)
  expect(terms.accepts[0]).not.toHaveProperty('asset')
  expect(terms.accepts[0]).not.toHaveProperty('extra')
  const asset = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
  const extra = { name: 'USD Coin', version: '2' }
  const change = withOffers({ asset, extra })
  const payment = await signAgainst(shop(gateway), evmPayer(), { init: post, change })
  const response = await send(gateway, payment)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ status: 201 })
})

test('keys outlive a restart, and a reset forgets them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const options = { stateFile: join(folder, 'state.json') }
  const gateway = await start({}, options)
  const { apiKey } = await buy(gateway)
  await gateway.close()
  const later = await start({}, options)
  expect((await get(later, '/v2/projects', apiKey)).status).toBe(200)
  await later.state.reset()
  expect((await get(later, '/v2/projects', apiKey)).status).toBe(401)
})

test('options that cannot be used are refused by name', async () => {
  const none = start({ limits: { minute: 0 } })
  await expect(none).rejects.toThrow('aixbt.limits.minute must be a whole number above zero')
  const solana = start({}, { networks: ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] })
  await expect(solana).rejects.toThrow(GatewayConfigError)
})
