import { key0 } from '@arouter/sdk/key0'
import { describe, expect, test } from 'vitest'
import { failure } from '../support/harness'
import { key0Scene, PLAN, PRICE } from './key0Scene'

const transports = ['a2a', 'mcp'] as const

/** A wallet whose answers to payments are lost, as often as told. */
async function losing(times: number) {
  const line = { left: times, lost: 0 }
  const customFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const isPaid = /"(x402\.payment\.payload|x402\/payment)":/.test(String(init?.body))
    if (!isPaid || line.left === 0) return answer
    line.left--
    line.lost++
    await answer.arrayBuffer()
    throw new TypeError('fetch failed')
  }
  return { ...(await key0Scene({}, { customFetch })), line }
}

test.each(['http', ...transports] as const)(
  'a seller that has things elsewhere is found there over %s',
  async (transport) => {
    const moved = { discover: '/plans', access: '/buy', a2a: '/agent', mcp: '/tools' }
    const kept = {
      '/plans': '/discover',
      '/buy': '/x402/access',
      '/agent': '/x402/access',
      '/tools': '/mcp',
    }
    const asked: string[] = []
    const customFetch: typeof fetch = (input, init) => {
      const { origin, pathname } = new URL(String(input))
      asked.push(pathname)
      return fetch(
        origin + (Object.entries(kept).find(([path]) => path === pathname)?.[1] ?? pathname),
        init,
      )
    }
    const { wallet, gateway, sales } = await key0Scene({}, { customFetch })
    const seller = key0(wallet, { baseURL: gateway.url, paths: moved })
    expect((await seller.discover()).plans.length).toBeGreaterThan(0)
    await seller.requestAccess({ ...PLAN, transport })
    expect(sales()).toBe(1)
    const way = { http: '/buy', a2a: '/agent', mcp: '/tools' }[transport]
    expect([...new Set(asked)]).toEqual(['/plans', way])
    for (const access of ['x402/access', '//other.example/x402', '/a?b', '']) {
      expect(() => key0(wallet, { baseURL: gateway.url, paths: { access } })).toThrow('no path')
    }
  },
)

describe.each(transports)('access over %s', (transport) => {
  const asked = { ...PLAN, transport }
  const path = transport === 'mcp' ? '/mcp' : '/x402/access'

  test('is bought, and its token is good', async () => {
    const { seller, gateway, wallet, signed } = await key0Scene()
    const grant = await seller.requestAccess({ ...asked, resourceId: 'report' })
    const [challenge] = gateway.state.challenges
    expect(grant).toMatchObject({
      requestId: challenge?.requestId,
      planId: 'basic',
      resourceId: 'report',
      transaction: gateway.state.sales[0]?.transaction,
    })
    const answer = await seller.accessFetch({ ...asked, resourceId: 'report' })(
      grant.resourceEndpoint,
    )
    expect(await answer.json()).toMatchObject({ resourceId: 'report' })
    expect(signed.transfers).toBe(1)
    expect(await wallet.payments.list()).toMatchObject([
      {
        state: 'settled',
        amount: PRICE,
        transaction: grant.transaction,
      },
    ])
  })

  test('puts no payment in a header of HTTP', async () => {
    const { seller, gateway } = await key0Scene()
    await seller.requestAccess(asked)
    const { requests } = gateway.state
    const sent = requests.filter((one) => one.path === path)
    expect(sent).toHaveLength(2)
    expect(sent.flatMap(({ credentials }) => Object.keys(credentials))).toEqual([])
  })

  test('is bought once for many who ask at once, in two processes', async () => {
    const { seller, restart, sales, signed } = await key0Scene()
    const other = restart().seller
    const calls = Array.from({ length: 6 }, (_, at) => (at % 2 ? seller : other))
    const grants = await Promise.all(calls.map((one) => one.requestAccess(asked)))
    expect(new Set(grants.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test('comes with the same signature where the answer is lost', async () => {
    const { seller, sales, signed, line } = await losing(1)
    expect((await seller.requestAccess(asked)).accessToken).toMatch(/\S/)
    expect([sales(), signed.transfers, line.lost]).toEqual([1, 1, 1])
  })

  test('comes after a restart', async () => {
    const { seller, restart, sales, signed, line } = await losing(Number.POSITIVE_INFINITY)
    expect(await failure(seller.requestAccess(asked))).toMatchObject({
      code: 'paid_but_failed',
      fundsMoved: 'yes',
    })
    line.left = 0
    expect((await restart().seller.requestAccess(asked)).accessToken).toMatch(/\S/)
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test('is refused over the limit of a payment, and for a plan that is not there', async () => {
    const { seller, signed } = await key0Scene({}, { maxPerPayment: '$0.05' })
    expect(await failure(seller.requestAccess(asked))).toMatchObject({
      code: 'no_acceptable_offer',
    })
    expect(await failure(seller.requestAccess({ ...asked, planId: 'gold' }))).toMatchObject({
      code: 'key0_tier_not_found',
      fundsMoved: 'no',
    })
    expect(signed.transfers).toBe(0)
  })

  test('is never paid for again where no token was issued', async () => {
    const { seller, gateway, restart, sales, signed } = await key0Scene()
    gateway.faults.next('key0-issuer-fails', { status: 502 })
    expect(await failure(seller.requestAccess(asked))).toMatchObject({
      code: 'paid_but_failed',
      fundsMoved: 'yes',
      context: {
        key0Code: 'key0_token_issue_failed',
        requestId: gateway.state.challenges[0]?.requestId,
      },
    })
    expect(await failure(restart().seller.requestAccess(asked))).toMatchObject({
      code: 'paid_but_failed',
    })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test('says so where the seller does not speak it', async () => {
    const { seller, gateway, signed } = await key0Scene()
    if (transport === 'a2a') gateway.faults.next('key0-no-a2a')
    else gateway.faults.next('key0-error', { status: 404, body: 'Cannot POST /mcp', path })
    expect(await failure(seller.requestAccess(asked))).toMatchObject({
      code: 'key0_no_such_transport',
      fundsMoved: 'no',
      message: expect.stringContaining('use http'),
    })
    expect(signed.transfers).toBe(0)
  })

  test.each([
    ['{}', 200],
    ['event: message\ndata: {"jsonrpc":"2.0"}\n\n', 200],
    [JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'no' } }), 500],
    [JSON.stringify({ jsonrpc: '2.0', id: 1, result: { status: { state: 'completed' } } }), 200],
  ])('takes nothing for a grant that is none: %s', async (body, status) => {
    const { seller, gateway, signed } = await key0Scene({}, { maxRetries: 0 })
    gateway.faults.next('key0-error', { status, body, path })
    expect(await failure(seller.requestAccess(asked))).toMatchObject({
      code: expect.stringMatching(/^key0_/),
      fundsMoved: 'no',
    })
    expect(signed.transfers).toBe(0)
  })
})

test('a seller that settles before it looks over MCP is asked over HTTP what it has granted', async () => {
  const { seller, gateway, sales, signed, line, requests } = await losing(1)
  gateway.faults.next('key0-charges-again', { path: '/mcp', times: 9 })
  expect((await seller.requestAccess({ ...PLAN, transport: 'mcp' })).accessToken).toMatch(/\S/)
  expect([sales(), signed.transfers, line.lost, requests()]).toEqual([1, 1, 1, 1])
})

test('a purchase that was begun over A2A is ended over HTTP with the same signature', async () => {
  const { seller, sales, signed, line } = await losing(Number.POSITIVE_INFINITY)
  await failure(seller.requestAccess({ ...PLAN, transport: 'a2a' }))
  line.left = 0
  expect((await seller.requestAccess(PLAN)).accessToken).toMatch(/\S/)
  expect([sales(), signed.transfers]).toEqual([1, 1])
})

test('terms of A2A that name another domain than that of USDC are not signed', async () => {
  const { seller, gateway, signed } = await key0Scene()
  const required = {
    x402Version: 2,
    resource: { url: `${gateway.url}/x402/access` },
    accepts: [
      {
        scheme: 'exact',
        network: 'eip155:8453',
        amount: '100000',
        asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
        payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
        maxTimeoutSeconds: 60,
        extra: { name: 'USDC', version: '2' },
      },
    ],
  }
  const metadata = { 'x402.payment.required': required }
  const result = { id: 't', status: { state: 'input-required', message: { metadata } } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, result })
  gateway.faults.next('key0-error', { status: 200, body })
  expect(await failure(seller.requestAccess({ ...PLAN, transport: 'a2a' }))).toMatchObject({
    code: 'no_acceptable_offer',
    message: expect.stringContaining('the stated name is not that of USDC'),
  })
  expect(signed.transfers).toBe(0)
})
