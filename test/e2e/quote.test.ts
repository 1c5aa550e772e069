import { ARouter, memoryStore, withSIWxAuth, withX402EvmPayment } from '@arouter/sdk'
import { eip1193Signer } from '@arouter/x402-evm'
import { describe, expect, test } from 'vitest'
import { eip1193Double } from '../support/eip1193Double'
import { countingAccount, failure, HELLO, payingClient, startGateway } from '../support/harness'
import { startHostileGateway } from '../support/hostileGateway'

const ASK = {
  model: 'openai/gpt-4o',
  messages: [
    { role: 'user', content: 'What is the shortest way from here to the sea? '.repeat(20) },
  ],
  max_tokens: 100,
} as const
const ONE_DOLLAR = 1_000_000n

describe('quote', () => {
  test('says what a call costs at least and at most, and the call costs that', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway)
    const { model, tokens, cost } = await client.quote(ASK)
    expect(gateway.state.counts()).toMatchObject({ payments: 0, charged: 0n })
    const { usage, bill } = await client.chatCompletion(ASK)
    expect(model).toBe('openai/gpt-4o')
    expect(tokens.prompt / (usage?.prompt_tokens ?? 0)).toBeGreaterThan(0.7)
    expect(tokens.prompt / (usage?.prompt_tokens ?? 0)).toBeLessThan(1.3)
    expect(tokens.completion).toBe(100)
    expect(cost).toEqual({
      least: BigInt(Math.ceil(tokens.prompt * 2.5)),
      most: BigInt(Math.ceil(tokens.prompt * 2.5 + 100 * 10)),
    })
    expect(bill?.cost).toBeLessThan(cost.most ?? 0n)
  })

  test('says whether the call would make a payment', async () => {
    const gateway = await startGateway({ price: '$0.40' })
    const { client, signed } = payingClient(gateway)
    expect(await client.quote(ASK)).toMatchObject({ credit: 0n, pays: 'yes' })
    expect(signed.transfers).toBe(0)
    await client.chatCompletion(ASK)
    expect(await client.quote(ASK)).toMatchObject({ credit: 600_000n, pays: 'no' })
    const long = { ...ASK, max_tokens: 100_000 }
    expect(await client.quote(long)).toMatchObject({ credit: 600_000n, pays: 'maybe' })
    expect(gateway.state.counts()).toMatchObject({ payments: 1 })
  })

  test('finds credit that was bought before a restart, for a token that has expired too', async () => {
    const gateway = await startGateway()
    const { client, restart, signed } = payingClient(gateway)
    await client.chatCompletion(HELLO)
    const spent = gateway.state.counts().charged
    const again = restart({ store: memoryStore() })
    expect(await again.quote(ASK)).toMatchObject({ credit: ONE_DOLLAR - spent, pays: 'no' })
    gateway.state.expireTokens()
    expect(await again.quote(ASK)).toMatchObject({ credit: ONE_DOLLAR - spent, pays: 'no' })
    expect(signed.transfers).toBe(1)
  })

  test('asks no person: what a wallet in a browser would have to sign in for is unknown', async () => {
    const gateway = await startGateway()
    const { provider, windows } = eip1193Double()
    const wallet = await eip1193Signer(provider)
    const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url }), wallet, {
      store: memoryStore(),
    })
    expect(await client.quote(ASK)).toMatchObject({ credit: undefined, pays: 'maybe' })
    expect(windows).toEqual([])
  })

  test('of a client that cannot pay says no, and what its key has left', async () => {
    const gateway = await startGateway({ apiKeys: { key: { balance: '$0.25' } } })
    const open = (apiKey: string) => new ARouter({ baseURL: gateway.url, apiKey })
    expect(await open('key').quote(ASK)).toMatchObject({ credit: 250_000n, pays: 'no' })
    expect(await open('').quote(ASK)).toMatchObject({ credit: undefined, pays: 'no' })
    const { account } = countingAccount()
    gateway.state.setCredit(account.address, '$2')
    const signedIn = await withSIWxAuth(open(''), account)
    expect(await signedIn.quote(ASK)).toMatchObject({ credit: 2_000_000n, pays: 'no' })
  })

  test('knows free models, names without a provider, routes, and what has no answer to pay for', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway)
    const free = await client.quote({ ...ASK, model: 'arouter/echo:free' })
    expect(free.cost).toEqual({ least: 0n, most: 0n })
    expect((await client.quote({ ...ASK, model: 'gpt-4o:nitro' })).model).toBe('openai/gpt-4o')
    const embedding = { model: 'text-embedding-3-small', input: ['a word'.repeat(1_000), [1, 2]] }
    expect(await client.quote(embedding)).toMatchObject({
      tokens: { prompt: 1_502, completion: 0 },
      cost: { least: 31n, most: 31n },
    })
  })

  test('with no limit of its own an answer is as long as the model allows', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway)
    const { max_tokens: _, ...open } = ASK
    const { tokens } = await client.quote(open)
    expect((tokens.completion ?? 0) + tokens.prompt).toBe(128_000)
    const three = await client.quote({ ...ASK, n: 3 })
    expect(three.tokens.completion).toBe(300)
  })

  test('fails where the list has no price, and asks for the list once', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway, { signIn: 'never' })
    expect(await failure(client.quote({ ...ASK, model: 'nobody/nothing' }))).toMatchObject({
      code: 'no_price',
      fundsMoved: 'no',
      message: expect.stringContaining('nobody/nothing'),
    })
    await client.quote(ASK)
    expect(gateway.state.counts()).toMatchObject({ requests: 1 })
  })

  test('does not pay for the list of prices, nor for anything a gateway asks of it', async () => {
    const honest = await startGateway()
    const refusal = await honest.fetch('/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(HELLO),
    })
    const terms = refusal.headers.get('payment-required') ?? ''
    const server = await startHostileGateway((_, response) =>
      response.writeHead(402, { 'payment-required': terms }).end('{}'),
    )
    const { account, signed } = countingAccount()
    const client = withX402EvmPayment(new ARouter({ baseURL: server.url }), account, {
      store: memoryStore(),
    })
    expect(await failure(client.quote(ASK))).toMatchObject({ code: 'insufficient_credits' })
    expect(signed).toEqual({ transfers: 0, messages: 0 })
    expect(server.seen.filter(({ headers }) => headers['payment-signature'])).toEqual([])
  })

  test.each([
    ['no list', {}],
    ['prices that are none', { data: [{ id: ASK.model, pricing: { prompt: '-1' } }] }],
    ['a model without prices', { data: [{ id: ASK.model }] }],
  ])('of %s is a typed error', async (_, list) => {
    const server = await startHostileGateway((_, response) => response.end(JSON.stringify(list)))
    const client = new ARouter({ baseURL: server.url, apiKey: 'key' })
    expect(await failure(client.quote(ASK))).toMatchObject({ code: 'no_price' })
  })

  test('takes no number of a server for a length that is none', async () => {
    const model = {
      id: ASK.model,
      context_length: 'long',
      pricing: { prompt: '1', completion: '1' },
    }
    const server = await startHostileGateway((_, response) =>
      response.end(JSON.stringify({ data: [model], balance: 'a lot' })),
    )
    const client = new ARouter({ baseURL: server.url, apiKey: 'key' })
    const { max_tokens: _, ...open } = ASK
    expect(await client.quote(open)).toMatchObject({
      tokens: { completion: undefined },
      cost: { most: undefined },
      credit: undefined,
    })
  })
})

describe('dryRun', () => {
  test('shows the offer that would be paid, and signs nothing', async () => {
    const gateway = await startGateway()
    const { client, signed, account } = payingClient(gateway, { topUp: '$5' })
    const offer = await client.dryRun()
    expect(offer).toEqual({
      origin: gateway.url,
      path: '/v1/x402/chat',
      network: 'eip155:8453',
      amount: 5_000_000n,
      payTo: expect.stringMatching(/^0x/),
      from: account.address,
    })
    expect(signed).toEqual({ transfers: 0, messages: 0 })
    expect(await client.payments.list()).toEqual([])
    await client.chatCompletion(HELLO)
    expect(gateway.state.payments).toMatchObject([{ amount: offer?.amount, payer: offer?.from }])
  })

  test('spends no credit: what is sent has nothing on it that could pay', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway)
    await client.chatCompletion(HELLO)
    const { charged } = gateway.state.counts()
    const init = {
      method: 'POST',
      body: JSON.stringify(HELLO),
      headers: { 'x-api-key': 'mine', authorization: 'Bearer mine' },
    }
    expect(await client.dryRun('/v1/chat/completions?key=mine', init)).toMatchObject({
      amount: ONE_DOLLAR,
    })
    expect(gateway.state.counts().charged).toBe(charged)
    expect(gateway.state.requests.at(-1)?.credentials).toEqual({})
  })

  test('is undefined where nothing is asked for', async () => {
    const gateway = await startGateway()
    expect(await payingClient(gateway).client.dryRun('/healthz')).toBeUndefined()
    const without = await startGateway({ challenge: 'none' })
    expect(await payingClient(without).client.dryRun()).toBeUndefined()
  })

  test('fails as the payment would', async () => {
    const gateway = await startGateway()
    const tight = payingClient(gateway, { maxPerPayment: '$0.10' }).client
    expect(await failure(tight.dryRun())).toMatchObject({ code: 'no_acceptable_offer' })
    const poor = payingClient(gateway, { budget: { limit: '$0.50' } }).client
    expect(await failure(poor.dryRun())).toMatchObject({
      code: 'budget_exceeded',
      context: { left: '500000' },
    })
    const here = payingClient(gateway, { budget: { perOrigin: '$0.50' } }).client
    expect(await failure(here.dryRun())).toMatchObject({ code: 'budget_exceeded' })
    const keyed = new ARouter({ baseURL: gateway.url, apiKey: 'key' })
    expect(await failure(keyed.dryRun())).toMatchObject({ code: 'no_wallet' })
  })
})
