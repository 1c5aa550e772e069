import { ARouter, authenticateWithSIWx, type Transaction } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

const MANAGER = 'lr_mgmt_test'
const apiKeys = { [MANAGER]: { balance: '$10', account: 'acme' } } as const
const CLAUDE = { ...HELLO, model: 'anthropic/claude-sonnet-4' }

async function withManager(options: Parameters<typeof startGateway>[0] = {}) {
  const gateway = await startGateway({ apiKeys, price: '$0.25', ...options })
  const open = (apiKey: string) => new ARouter({ baseURL: gateway.url, apiKey, maxRetries: 0 })
  return { gateway, open, manager: open(MANAGER) }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

test('a key is shown once, infers with its account’s credit, and can be changed and deleted', async () => {
  const { open, manager } = await withManager()
  const { key, data } = await manager.createKey({ name: 'ci', limit: 0.5, limit_reset: 'daily' })
  expect(key).toMatch(/^lr_live_/)
  expect(data).toMatchObject({
    name: 'ci',
    key_type: 'regular',
    disabled: false,
    limit: 0.5,
    limit_remaining: 0.5,
    limit_reset: 'daily',
  })
  const client = open(key)
  await client.chatCompletion(HELLO)
  const { data: own } = await client.getKey()
  expect(own).toMatchObject({ limit: 0.5, limit_remaining: 0.25, usage: 0.25, usage_daily: 0.25 })
  expect(await client.getBalance()).toEqual({ balance: 9.75, currency: 'USD' })

  const listed = await manager.listKeys()
  expect(listed.data.map(({ name }) => name)).toEqual(['ci', 'acme'])
  expect(JSON.stringify(listed)).not.toContain(key)

  const { data: changed } = await manager.updateKey(data.hash, { limit: null, disabled: true })
  expect(changed).toMatchObject({ limit: null, disabled: true, name: 'ci' })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'authentication_error',
  })
  expect((await manager.listKeys()).data).toHaveLength(1)
  expect((await manager.listKeys({ include_disabled: true, page_size: 1 })).data).toHaveLength(1)

  expect(await manager.deleteKey(data.hash)).toEqual({ data: { deleted: true } })
  expect(await failure(manager.deleteKey(data.hash))).toMatchObject({ statusCode: 404 })
})

test('a key spends up to its limit, and again when that is reset', async () => {
  const noon = Date.UTC(2030, 0, 2, 12)
  const { gateway, open, manager } = await withManager({ clock: () => noon })
  const { key } = await manager.createKey({ name: 'a', limit: 0.5, limit_reset: 'daily' })
  const client = open(key)
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    name: 'QuotaExceededError',
    message: expect.stringContaining('limit'),
  })
  await gateway.state.advance({ milliseconds: 12 * 3_600_000 })
  await client.chatCompletion(HELLO)
  expect((await client.getKey()).data).toMatchObject({ usage: 0.75, usage_daily: 0.25 })
})

test('a key expires when it says', async () => {
  const { gateway, open, manager } = await withManager()
  const expires_at = new Date(Date.now() + 60_000).toISOString()
  const { key, data } = await manager.createKey({ name: 'a', expires_at })
  expect(data.expires_at).toBe(expires_at)
  await open(key).chatCompletion(HELLO)
  await gateway.state.advance({ milliseconds: 61_000 })
  expect(await failure(open(key).chatCompletion(HELLO))).toMatchObject({ statusCode: 401 })
})

test('a key asks only the providers and models it is allowed', async () => {
  const { open, manager } = await withManager()
  const byProvider = await manager.createKey({ name: 'a', allowed_providers: ['openai'] })
  await open(byProvider.key).chatCompletion(HELLO)
  expect(await failure(open(byProvider.key).chatCompletion(CLAUDE))).toMatchObject({
    code: 'permission_error',
    message: expect.stringContaining("provider 'anthropic' is not allowed for this API key"),
  })
  const byModel = await manager.createKey({ name: 'b', allowed_models: [CLAUDE.model] })
  await open(byModel.key).chatCompletion(CLAUDE)
  expect(await failure(open(byModel.key).chatCompletion(HELLO))).toMatchObject({ statusCode: 403 })
})

test('a key is never wider than the key that makes it', async () => {
  const narrow = {
    balance: '$10',
    limit: '$5',
    allowedProviders: ['openai'],
    allowedModels: ['openai/gpt-4o'],
  } as const
  const { manager } = await withManager({ apiKeys: { [MANAGER]: narrow } })
  const { data } = await manager.createKey({ name: 'inherits' })
  expect(data).toMatchObject({
    limit: 5,
    allowed_providers: ['openai'],
    allowed_models: ['openai/gpt-4o'],
  })
  for (const wider of [
    { limit: 6 },
    { allowed_providers: ['openai', 'anthropic'] },
    { allowed_models: ['openai/gpt-4o-mini'] },
  ]) {
    const refused = { statusCode: 403, code: expect.any(String) }
    expect(await failure(manager.createKey({ name: 'w', ...wider }))).toMatchObject(refused)
    expect(await failure(manager.updateKey(data.hash, wider))).toMatchObject(refused)
  }
  expect((await manager.updateKey(data.hash, { limit: null })).data.limit).toBe(5)
})

test('management keys only manage, and regular keys and wallets only infer', async () => {
  const { gateway, open, manager } = await withManager()
  expect(await failure(manager.chatCompletion(HELLO))).toMatchObject({ code: 'permission_error' })
  const { key } = await manager.createKey({ name: 'a' })
  const { client: wallet, signed } = payingClient(gateway)
  await wallet.chatCompletion(HELLO)
  for (const client of [open(key), wallet]) {
    expect(await failure(client.createKey({ name: 'b' }))).toMatchObject({ statusCode: 403 })
    expect(await failure(client.listKeys())).toMatchObject({ code: 'permission_error' })
  }
  expect(await failure(open(key).getUsageSummary())).toMatchObject({ statusCode: 403 })
  expect(signed.transfers).toBe(1)
})

test('use is summed up by provider and model, and told hour by hour', async () => {
  const noon = Date.UTC(2030, 0, 2, 12)
  const { gateway, open, manager } = await withManager({ clock: () => noon })
  const { key, data } = await manager.createKey({ name: 'a' })
  await open(key).chatCompletion(HELLO)
  await gateway.state.advance({ milliseconds: 3_600_000 })
  await open(key).chatCompletion(CLAUDE)
  await open(key).chatCompletion(CLAUDE)
  const summary = await manager.getUsageSummary()
  expect(summary).toMatchObject({ total_requests: 3, estimated_cost_usd: 0.75 })
  expect(summary.total_tokens).toBe(summary.total_input_tokens + summary.total_output_tokens)
  expect(summary.by_provider).toMatchObject([
    { provider_id: 'openai', requests: 1, estimated_cost_usd: 0.25 },
    { provider_id: 'anthropic', requests: 2, estimated_cost_usd: 0.5 },
  ])
  expect(summary.by_model?.map(({ model }) => model)).toEqual([HELLO.model, CLAUDE.model])
  const series = await manager.getUsageTimeSeries({ granularity: 'hourly', key_id: data.hash })
  expect(series.data_points).toMatchObject([
    { timestamp: '2030-01-02T12:00:00.000Z', requests: 1 },
    { timestamp: '2030-01-02T13:00:00.000Z', requests: 2 },
  ])
  const late = await manager.getUsageSummary({ start_time: '2030-01-02T12:30:00Z' })
  expect(late.total_requests).toBe(2)
  const none = await manager.getUsageSummary({ provider_id: 'google' })
  expect(none.total_requests).toBe(0)
})

test('transactions tell every way credit came and went, newest first, over all pages', async () => {
  const gateway = await startGateway({ price: '$0.25' })
  const { client, account } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  gateway.state.topUp(account.address, '$2', 'stripe')
  gateway.state.topUp(account.address, '$3', 'helio')
  await client.chatCompletion(HELLO)
  const all = await collect<Transaction>(client.listTransactions({ pageSize: 2 }))
  expect(all.map(({ type, amount, reference_type }) => [type, amount, reference_type])).toEqual([
    ['usage', -0.25, 'inference'],
    ['credit', 3, 'helio_topup'],
    ['credit', 2, 'stripe_topup'],
    ['usage', -0.25, 'inference'],
    ['credit', 1, 'x402_topup'],
  ])
  const { balance } = await client.getBalance()
  expect(balance).toBeCloseTo(all.reduce((sum, { amount }) => sum + amount, 0))
  const pages = gateway.state.requests.filter(({ path }) => path === '/api/v1/transactions')
  expect(pages).toHaveLength(3)
})

test('an answer can be looked up by its id for 90 days, by its own account only', async () => {
  const { gateway, open, manager } = await withManager()
  const { key } = await manager.createKey({ name: 'a' })
  const { id, usage } = await open(key).chatCompletion(HELLO)
  expect(id).toMatch(/^gen-/)
  expect(await open(key).getGeneration(id)).toMatchObject({
    id,
    model: HELLO.model,
    provider: 'openai',
    usage: { total_tokens: usage?.total_tokens, cost: 0.25, is_byok: false },
  })
  const { client: stranger } = payingClient(gateway)
  await stranger.chatCompletion(HELLO)
  expect(await failure(stranger.getGeneration(id))).toMatchObject({ statusCode: 404 })
  await gateway.state.advance({ milliseconds: 90 * 24 * 3_600_000 })
  expect(await failure(open(key).getGeneration(id))).toMatchObject({ statusCode: 404 })
})

test.each(['Authorization', 'X-Api-Key', 'x-goog-api-key', '?key='] as const)(
  'a key given as %s is used as it is given',
  async (place) => {
    const gateway = await startGateway({ apiKeys: { mine: { balance: '$1' } } })
    const client = new ARouter({
      baseURL: gateway.url,
      apiKey: place === 'Authorization' ? 'mine' : '',
    })
    const headers: Record<string, string> = /^x-/i.test(place) ? { [place]: 'mine' } : {}
    const path = `/v1/key${place === '?key=' ? '?key=mine' : ''}`
    expect((await client.fetch(path, { headers })).status).toBe(200)
  },
)

test('a wallet’s token is used as it is given', async () => {
  const gateway = await startGateway()
  const account = privateKeyToAccount(generatePrivateKey())
  gateway.state.setCredit(account.address, '$1')
  const { jwt } = await authenticateWithSIWx(gateway.url, account)
  const client = new ARouter({ baseURL: gateway.url, apiKey: jwt })
  expect((await client.getBalance()).balance).toBe(1)
  gateway.state.expireTokens()
  expect(await failure(client.getBalance())).toMatchObject({
    name: 'AuthenticationError',
    fundsMoved: 'no',
  })
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 1 })
})

test('a wallet pays for a library that insists on a key of its own, which is not sent', async () => {
  const gateway = await startGateway({ apiKeys: { mine: { balance: '$1' } } })
  const sent: string[] = []
  const customFetch: typeof fetch = (input, init) => {
    sent.push(JSON.stringify([String(input), [...new Headers(init?.headers)]]))
    return fetch(input, init)
  }
  const { client, signed } = payingClient(gateway, { signIn: 'never' }, { customFetch })
  const response = await client.fetch('/v1/messages?key=mine&beta=true', {
    method: 'POST',
    headers: { 'x-api-key': 'mine', 'x-goog-api-key': 'mine', authorization: 'Bearer mine' },
    body: JSON.stringify({ ...CLAUDE, max_tokens: 9 }),
  })
  expect(response.status).toBe(200)
  expect(signed.transfers).toBe(1)
  expect(sent).toHaveLength(2)
  expect(sent.filter((one) => one.includes('mine'))).toEqual([])
  expect(sent.filter((one) => one.includes('/v1/messages?beta=true'))).toEqual(sent)
})

test('an API key without balance is refused as 403 and as 402, and never pays', async () => {
  const { gateway, open } = await withManager({ apiKeys: { poor: { balance: 0n } } })
  expect(await failure(open('poor').chatCompletion(HELLO))).toMatchObject({
    name: 'QuotaExceededError',
    statusCode: 403,
    fundsMoved: 'no',
  })
  const { client, signed } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  gateway.faults.next('5xx-before', { status: 403 })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ statusCode: 403 })
  expect(signed.transfers).toBe(1)
  const refusing = new ARouter({
    baseURL: gateway.url,
    apiKey: 'poor',
    customFetch: async () =>
      Response.json({ error: { message: 'no', type: 'payment_required' } }, { status: 402 }),
  })
  expect(await failure(refusing.chatCompletion(HELLO))).toMatchObject({
    name: 'InsufficientCreditsError',
    statusCode: 402,
    fundsMoved: 'no',
  })
})

test('a rate limit is told on every answer, and one request too many waits for the next minute', async () => {
  const now = Date.UTC(2030, 0, 2, 12)
  const { gateway, open } = await withManager({
    apiKeys: { mine: { balance: '$1' } },
    rateLimit: 2,
    clock: () => now,
    price: '$0.01',
  })
  const client = open('mine')
  const send = () =>
    client.fetch('/v1/chat/completions', { method: 'POST', body: JSON.stringify(HELLO) })
  const first = await send()
  expect(first.headers.get('x-ratelimit-limit')).toBe('2')
  expect(first.headers.get('x-ratelimit-remaining')).toBe('1')
  expect(first.headers.get('x-ratelimit-reset')).toBe(String(now / 1000 + 60))
  await send()
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    name: 'RateLimitError',
    retryAfter: 60,
  })
  expect(gateway.state.counts().charged).toBe(20_000n)
  await gateway.state.advance({ milliseconds: 60_000 })
  await client.chatCompletion(HELLO)
})

test('free models take 20 requests a minute and 50 a day, or 1,000 once $5 were bought', async () => {
  const { gateway, open } = await withManager({
    apiKeys: { mine: { balance: '$1', account: 'mine' } },
    freeLimits: 'on',
    clock: () => Date.UTC(2030, 0, 2),
  })
  const free = { ...HELLO, model: 'arouter/echo:free' }
  const ask = async (times: number) => {
    for (let i = 0; i < times; i++) await open('mine').chatCompletion(free)
  }
  await ask(20)
  expect(await failure(ask(1))).toMatchObject({ code: 'rate_limit_exceeded' })
  await open('mine').chatCompletion(HELLO)
  await gateway.state.advance({ milliseconds: 60_000 })
  await ask(20)
  await gateway.state.advance({ milliseconds: 60_000 })
  await ask(10)
  expect(await failure(ask(1))).toMatchObject({ retryAfter: 24 * 3_600 - 120 })
  gateway.state.topUp('mine', '$5', 'stripe')
  await ask(1)
})

test('a gateway is not set up to ask for more than $100', async () => {
  await expect(startGateway({ topUps: ['$100.01'] })).rejects.toThrow('$100')
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { topUp: '$3', maxPerPayment: '$10' })
  await client.chatCompletion(HELLO)
  expect(gateway.state.payments[0]?.amount).toBe(5_000_000n)
})

test('an account a stranger names cannot be topped up', async () => {
  const gateway = await startGateway()
  expect(() => gateway.state.topUp('nobody', '$1', 'stripe')).toThrow("no account 'nobody'")
  const { address } = privateKeyToAccount(generatePrivateKey())
  gateway.state.topUp(address, '$1', 'helio')
  expect(gateway.state.tenants[0]?.balance).toBe(1_000_000n)
})
