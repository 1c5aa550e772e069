import type { PaymentRequirements } from '@x402/core/types'
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { decoded } from '../../testing/chat'
import {
  access,
  challengeOf,
  order,
  signFor,
  startKey0,
  statesOf,
  termsIn,
} from '../../testing/key0'
import { evmPayer } from '../../testing/officialClients'

const PLAN = { planId: 'basic' }
const weather = { routeId: 'weather', resource: { method: 'GET', path: '/api/weather/oslo' } }
const requestId = () => crypto.randomUUID()

const expectError = async (response: Response, status: number, body: object) => {
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual(body)
}
const withToken = (gateway: MockGateway, token: string, id = 'default') =>
  fetch(`${gateway.url}/api/resource/${id}`, { headers: { authorization: `Bearer ${token}` } })

test('discover tells plans and routes, and neither who is paid nor where', async () => {
  const gateway = await startKey0()
  const told = await (await fetch(`${gateway.url}/discover`)).json()
  expect(told).toEqual({
    agentName: 'Mock agent',
    description: expect.any(String),
    plans: [
      { planId: 'basic', unitAmount: '$0.10', description: expect.any(String) },
      { planId: 'pro', unitAmount: '$0.50', description: expect.any(String) },
      { planId: 'trial', unitAmount: '$0.00', description: expect.any(String), free: true },
    ],
    routes: [
      {
        routeId: 'weather',
        method: 'GET',
        path: '/api/weather/:city',
        unitAmount: '$0.01',
        description: expect.any(String),
      },
      {
        routeId: 'translate',
        method: 'POST',
        path: '/api/translate',
        unitAmount: '$0.02',
        description: expect.any(String),
      },
    ],
  })
})

test.each(['eip155:8453', 'eip155:84532'] as const)(
  'the official client buys a plan on %s, and its token opens the resource',
  async (network) => {
    const gateway = await startKey0({}, { networks: [network] })
    const { account, pay } = evmPayer()
    const asked = { ...PLAN, requestId: requestId(), resourceId: 'report' }
    const response = await pay(`${gateway.url}/x402/access`, order(asked))
    expect(response.status).toBe(200)
    const grant = await response.json()
    const challenge = challengeOf(gateway)
    const transaction = challenge.sale?.transaction ?? ''
    const host = network === 'eip155:8453' ? 'basescan.org' : 'sepolia.basescan.org'
    expect(grant).toEqual({
      type: 'AccessGrant',
      challengeId: challenge.challengeId,
      requestId: asked.requestId,
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      resourceEndpoint: `${gateway.url}/api/resource/report`,
      resourceId: 'report',
      planId: 'basic',
      txHash: transaction,
      explorerUrl: `https://${host}/tx/${transaction}`,
    })
    expect(decoded(response, 'payment-response')).toEqual({
      success: true,
      transaction,
      network,
      payer: account.address,
    })
    const claims = decodeJwt(grant.accessToken)
    expect(claims).toEqual({
      sub: asked.requestId,
      jti: challenge.challengeId,
      resourceId: 'report',
      planId: 'basic',
      txHash: transaction,
      iat: expect.any(Number),
      exp: (claims.iat ?? 0) + 3600,
    })
    const opened = await fetch(grant.resourceEndpoint, {
      headers: { authorization: `Bearer ${grant.accessToken}` },
    })
    expect(await opened.json()).toEqual({ resourceId: 'report', secret: expect.any(String) })
    expect(statesOf(challenge)).toEqual(['PENDING', 'PAID', 'PAID', 'DELIVERED'])
    expect(gateway.state.sales).toMatchObject([
      { dialect: 'key0', amount: 100_000n, transaction, delivered: 'basic' },
    ])
  },
)

test('a challenge has its terms in header and body, and is the same for the same requestId', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const response = await access(gateway, asked)
  expect(response.status).toBe(402)
  const terms = termsIn(response)
  const { challengeId } = challengeOf(gateway)
  expect(challengeId).toMatch(/^http-[0-9a-f-]{36}$/)
  expect(response.headers.get('www-authenticate')).toBe(
    `Payment realm="${gateway.url}", accept="exact", challenge="${challengeId}"`,
  )
  expect(terms.resource).toEqual({
    url: `${gateway.url}/x402/access`,
    method: 'POST',
    description: expect.any(String),
    mimeType: 'application/json',
  })
  expect(terms.accepts).toMatchObject([
    {
      scheme: 'exact',
      network: 'eip155:8453',
      amount: '100000',
      extra: { name: 'USD Coin', version: '2', description: expect.any(String) },
    },
  ])
  expect(terms.extensions).toEqual({
    key0: {
      inputSchema: expect.any(Object),
      outputSchema: expect.any(Object),
      description: expect.any(String),
    },
  })
  expect(await response.json()).toEqual({
    ...terms,
    challengeId,
    requestId: asked.requestId,
    error: 'Payment required',
  })
  expect(await (await access(gateway, asked)).json()).toMatchObject({ challengeId })
  const other = await (await access(gateway, PLAN)).json()
  expect(other.challengeId).not.toBe(challengeId)
  expect(other.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

test.each<[string, Record<string, unknown>, number, object]>([
  ['nothing', {}, 400, { error: expect.stringMatching(/^Please select a plan/) }],
  [
    'a plan and a route',
    { planId: 'basic', routeId: 'weather' },
    400,
    { error: expect.any(String) },
  ],
  [
    'an unknown plan',
    { planId: 'gold' },
    404,
    { type: 'Error', code: 'TIER_NOT_FOUND', error: expect.any(String) },
  ],
  [
    'an unknown route',
    { routeId: 'tides' },
    404,
    { type: 'Error', code: 'ROUTE_NOT_FOUND', error: expect.any(String) },
  ],
  [
    'a free plan',
    { planId: 'trial' },
    400,
    { type: 'Error', code: 'UNSUPPORTED_FREE_PLAN', error: expect.any(String) },
  ],
  [
    'a route without a resource',
    { routeId: 'weather' },
    400,
    { type: 'Error', code: 'RESOURCE_REQUIRED', error: expect.any(String) },
  ],
  [
    'a resource without a path',
    { routeId: 'weather', resource: { method: 'GET' } },
    400,
    { type: 'Error', code: 'MISSING_RESOURCE_FIELD', error: expect.any(String) },
  ],
  [
    'a resource of another route',
    { routeId: 'weather', resource: { method: 'GET', path: '/discover' } },
    400,
    { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) },
  ],
  [
    'a resource at another host',
    { routeId: 'weather', resource: { method: 'GET', path: '//localhost:1/api/weather/oslo' } },
    400,
    { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) },
  ],
  [
    'a requestId that is a number',
    { planId: 'basic', requestId: 1 },
    400,
    { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) },
  ],
])('an order of %s is refused, also with a payment in hand', async (_, fields, status, body) => {
  const gateway = await startKey0()
  await expectError(await access(gateway, fields), status, body)
  const payment = await signFor(gateway, evmPayer(), PLAN)
  await expectError(await access(gateway, fields, payment), status, body)
  expect(gateway.state.sales).toEqual([])
})

test('what is no JSON is a 400, and what is nowhere a 404, in the form of Key0', async () => {
  const gateway = await startKey0()
  const body = { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) }
  const init = { method: 'POST', body: '{' }
  await expectError(await fetch(`${gateway.url}/x402/access`, init), 400, body)
  await expectError(await fetch(`${gateway.url}/v1/models`), 404, body)
})

test('a payment in base64url is taken too', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  const header = Buffer.from(JSON.stringify({ note: '>>>???', ...payment })).toString('base64url')
  expect(header).toMatch(/-.*_/)
  const init = order(asked)
  const headers = { ...(init.headers as Record<string, string>), 'payment-signature': header }
  const response = await fetch(`${gateway.url}/x402/access`, { ...init, headers })
  expect(response.status).toBe(200)
})

test('a requestId that was served gets its grant again, with whatever signature, and pays nothing', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  const another = await signFor(gateway, evmPayer(), asked)
  const grant = await (await access(gateway, asked, payment)).json()
  for (const signature of [undefined, payment, another]) {
    const again = await access(gateway, asked, signature)
    expect(again.status).toBe(200)
    expect(again.headers.get('payment-response')).toBeNull()
    expect(await again.json()).toEqual(grant)
  }
  expect(gateway.state.sales).toHaveLength(1)
})

test('a requestId is for one plan', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  const body = { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) }
  await expectError(await access(gateway, { ...asked, planId: 'pro' }), 400, body)
  await expectError(await access(gateway, { ...asked, planId: 'pro' }, payment), 400, body)
  expect((await access(gateway, asked, payment)).status).toBe(200)
})

test('of ten payments at once for one requestId one is settled', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payers = Array.from({ length: 10 }, () => evmPayer())
  const payments = await Promise.all(payers.map((payer) => signFor(gateway, payer, asked)))
  const grants = await Promise.all(
    payments.map(async (payment) => (await access(gateway, asked, payment)).json()),
  )
  expect(new Set(grants.map(({ accessToken }) => accessToken)).size).toBe(1)
  expect(gateway.state.sales).toHaveLength(1)
})

test.each<[string, Partial<PaymentRequirements>, string]>([
  ['a smaller amount', { amount: '1' }, 'AMOUNT_MISMATCH'],
  ['another receiver', { payTo: '0x00000000000000000000000000000000000000aa' }, 'INVALID_PROOF'],
  ['another asset', { asset: '0x00000000000000000000000000000000000000aa' }, 'INVALID_PROOF'],
  ['another chain', { network: 'eip155:84532' }, 'CHAIN_MISMATCH'],
])('a payment that accepted %s is a 400, and nothing moves', async (_, change, code) => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payer = evmPayer()
  const terms = termsIn(await access(gateway, asked))
  const accepts = terms.accepts.map((one) => ({ ...one, ...change }))
  payer.client.setSpendControls(false)
  const payment = await payer.client.createPaymentPayload({ ...terms, accepts })
  const body = { type: 'Error', code, message: expect.any(String) }
  await expectError(await access(gateway, asked, payment), 400, body)
  expect(statesOf(challengeOf(gateway))).toEqual(['PENDING'])
  expect(gateway.state.sales).toEqual([])
})

test('a payment signed for less than was accepted fails with 402, and without terms', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payer = evmPayer()
  const terms = termsIn(await access(gateway, asked))
  const accepts = terms.accepts.map((one) => ({ ...one, amount: '1' }))
  const payment = await payer.client.createPaymentPayload({ ...terms, accepts })
  const response = await access(gateway, asked, { ...payment, accepted: terms.accepts[0] })
  expect(response.headers.get('payment-required')).toBeNull()
  expect(response.headers.get('payment-response')).toBeNull()
  await expectError(response, 402, {
    type: 'Error',
    code: 'PAYMENT_FAILED',
    message: expect.stringMatching(/^payment failed: /),
    details: { reason: expect.any(String) },
  })
  expect(gateway.state.sales).toEqual([])
})

test('the same signature buys one thing', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  expect((await access(gateway, asked, payment)).status).toBe(200)
  const again = await access(gateway, { ...PLAN, requestId: requestId() }, payment)
  await expectError(again, 402, {
    type: 'Error',
    code: 'PAYMENT_FAILED',
    message: 'payment failed: nonce_used',
    details: { reason: 'nonce_used' },
  })
  expect(gateway.state.sales).toHaveLength(1)
})

test('a challenge can be paid for 15 minutes, and asked for anew after that', async () => {
  const gateway = await startKey0({}, { maxTimeoutSeconds: 3600 })
  const asked = { ...PLAN, requestId: requestId() }
  const payer = evmPayer()
  // Between two rounds of the seller: it is the payment that finds the challenge over.
  await gateway.state.advance({ milliseconds: 30_000 })
  const { challengeId } = await (await access(gateway, asked)).json()
  await gateway.state.advance({ milliseconds: 899_000 })
  expect((await (await access(gateway, asked)).json()).challengeId).toBe(challengeId)
  const payment = await signFor(gateway, payer, asked)
  await gateway.state.advance({ milliseconds: 1_000 })
  const body = { type: 'Error', code: 'CHALLENGE_EXPIRED', message: expect.any(String) }
  await expectError(await access(gateway, asked, payment), 410, body)
  expect(statesOf(challengeOf(gateway))).toEqual(['PENDING', 'EXPIRED'])
  expect(gateway.state.sales).toEqual([])
  const fresh = await access(gateway, asked)
  expect(fresh.status).toBe(402)
  expect((await fresh.json()).challengeId).not.toBe(challengeId)
})

test('a lost answer is asked for again with the same requestId and signature', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  gateway.faults.next('drop-after-settle')
  await expect(access(gateway, asked, payment)).rejects.toThrow(TypeError)
  expect(challengeOf(gateway).state).toBe('DELIVERED')
  const again = await access(gateway, asked, payment)
  expect(await again.json()).toMatchObject({ type: 'AccessGrant', requestId: asked.requestId })
  expect(gateway.state.sales).toHaveLength(1)
})

test('a settlement that has not landed is a 202 that is no success; later it is delivered', async () => {
  const gateway = await startKey0()
  const asked = { ...PLAN, requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  gateway.faults.next('settle-late')
  await expectError(await access(gateway, asked, payment), 202, {
    type: 'Error',
    code: 'TX_UNCONFIRMED',
    message: expect.any(String),
    details: { txHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
  })
  expect(challengeOf(gateway).state).toBe('PENDING')
  await gateway.state.advance({ blocks: 1 })
  expect((await access(gateway, asked, payment)).status).toBe(200)
  expect(gateway.state.sales).toHaveLength(1)
})

test('a token opens its own resource, until it expires by the clock of the gateway', async () => {
  const gateway = await startKey0({ tokenTtl: 60 })
  const { pay } = evmPayer()
  const grant = await (await pay(`${gateway.url}/x402/access`, order(PLAN))).json()
  const invalid = { type: 'Error', code: 'INVALID_REQUEST', message: expect.any(String) }
  await expectError(await fetch(grant.resourceEndpoint), 401, invalid)
  await expectError(await withToken(gateway, grant.accessToken, 'other'), 401, invalid)
  const [head, claims] = grant.accessToken.split('.')
  await expectError(await withToken(gateway, `${head}.${claims}.AAAA`), 401, invalid)
  await gateway.state.advance({ milliseconds: 59_000 })
  expect((await withToken(gateway, grant.accessToken)).status).toBe(200)
  await gateway.state.advance({ milliseconds: 2_000 })
  const expired = { type: 'Error', code: 'CHALLENGE_EXPIRED', message: expect.any(String) }
  await expectError(await withToken(gateway, grant.accessToken), 401, expired)
})

test('a route is sold through /x402/access with what its backend says inside, and once', async () => {
  const gateway = await startKey0()
  const asked = { ...weather, requestId: requestId() }
  const { pay } = evmPayer()
  const response = await pay(`${gateway.url}/x402/access`, order(asked))
  expect(response.status).toBe(200)
  const { challengeId, sale } = challengeOf(gateway)
  expect(challengeId).toMatch(/^route-/)
  const bought = await response.json()
  expect(bought).toEqual({
    type: 'ResourceResponse',
    challengeId,
    requestId: asked.requestId,
    routeId: 'weather',
    txHash: sale?.transaction,
    explorerUrl: `https://basescan.org/tx/${sale?.transaction}`,
    resource: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { routeId: 'weather', method: 'GET', path: '/api/weather/oslo' },
    },
  })
  expect(await (await access(gateway, asked)).json()).toEqual(bought)
  expect(gateway.state.sales).toMatchObject([{ amount: 10_000n, delivered: 'weather' }])
})

test('the backend of a route gets the body, and its failure is inside a 200', async () => {
  const bodies: unknown[] = []
  const gateway = await startKey0({
    routes: [
      {
        routeId: 'translate',
        method: 'POST',
        path: '/api/translate',
        unitAmount: '$0.02',
        backend: async (request) => {
          bodies.push(await request.json())
          return new Response('not today', { status: 503 })
        },
      },
    ],
  })
  const resource = { method: 'POST', path: '/api/translate', body: { text: 'hei' } }
  const { pay } = evmPayer()
  const url = `${gateway.url}/x402/access`
  const response = await pay(url, order({ routeId: 'translate', resource }))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ resource: { status: 503, body: 'not today' } })
  expect(bodies).toEqual([{ text: 'hei' }])
})

test('a route on its own path answers as its backend does, each time for a payment', async () => {
  const seen: (string | null)[] = []
  const gateway = await startKey0({
    routes: [
      {
        routeId: 'weather',
        method: 'GET',
        path: '/api/weather/:city',
        unitAmount: '$0.01',
        backend: ({ headers }) => {
          seen.push(headers.get('payment-signature'))
          return new Response('rain', { status: 203, headers: { 'x-station': '7' } })
        },
      },
      { routeId: 'status', method: 'GET', path: '/api/status' },
    ],
  })
  const url = `${gateway.url}/api/weather/oslo?day=1`
  const unpaid = await fetch(url)
  expect(unpaid.status).toBe(402)
  expect(unpaid.headers.get('www-authenticate')).toBeNull()
  const terms = termsIn(unpaid)
  expect(terms.resource).toMatchObject({ url, method: 'GET' })
  expect(await unpaid.json()).toEqual({ ...terms, error: 'Payment required' })
  const { pay } = evmPayer()
  for (const count of [1, 2]) {
    const response = await pay(url)
    expect([response.status, response.headers.get('x-station')]).toEqual([203, '7'])
    expect(await response.text()).toBe('rain')
    expect(decoded(response, 'payment-response')).toMatchObject({ success: true })
    expect(gateway.state.sales).toHaveLength(count)
  }
  expect(seen).toEqual([null, null])
  expect(gateway.state.challenges.map(statesOf)).toEqual([
    ['PENDING', 'PAID', 'DELIVERED'],
    ['PENDING', 'PAID', 'DELIVERED'],
  ])
  const free = await fetch(`${gateway.url}/api/status`)
  expect(await free.json()).toMatchObject({ routeId: 'status' })
})

test('a seller inside its backend sells routes on their own paths only, and charges for nothing else', async () => {
  const gateway = await startKey0({ mode: 'embedded' })
  const asked = { routeId: 'weather', requestId: requestId() }
  const payment = await signFor(gateway, evmPayer(), asked)
  const body = { type: 'Error', code: 'EMBEDDED_MODE', error: expect.any(String) }
  await expectError(await access(gateway, asked, payment), 400, body)
  expect(gateway.state.sales).toEqual([])
  const direct = await evmPayer().pay(`${gateway.url}/api/weather/oslo`)
  expect(await direct.json()).toMatchObject({ routeId: 'weather' })
})

test('a page of another site may send what agents and tools send, and read the challenge', async () => {
  const gateway = await startKey0()
  const { headers } = await fetch(`${gateway.url}/mcp`, { method: 'OPTIONS' })
  const allowed = headers.get('access-control-allow-headers')
  expect(allowed).toContain('X-A2A-Extensions')
  expect(allowed).toContain('MCP-Protocol-Version')
  const unpaid = await access(gateway, PLAN)
  expect(unpaid.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate')
})

test.each<[string, object]>([
  ['a plan without a usable id', { plans: [{ planId: '' }] }],
  ['a plan twice', { plans: [{ planId: 'a' }, { planId: 'a' }] }],
  ['a price above $100', { plans: [{ planId: 'a', unitAmount: '$101' }] }],
  ['a path that is none', { routes: [{ routeId: 'a', method: 'GET', path: 'a' }] }],
  ['a mode that is none', { mode: 'both' }],
  ['tokens that live no time', { tokenTtl: 0 }],
])('a seller with %s is not started', async (_, options) => {
  await expect(startKey0(options)).rejects.toThrow(/key0/)
})

test('a seller without an EVM network is not started', async () => {
  const networks = ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] as const
  await expect(startKey0({}, { networks })).rejects.toThrow('EVM network')
})
