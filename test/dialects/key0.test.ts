import { memoryStore } from '@arouter/sdk'
import { describe, expect, test } from 'vitest'
import { failure } from '../support/harness'
import { BASE, key0Scene, PLAN, PRICE } from './key0Scene'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('what a Key0 seller sells', () => {
  test('is read with its prices', async () => {
    const { seller } = await key0Scene()
    const { agentName, plans, routes } = await seller.discover()
    expect(agentName).toBe('Mock agent')
    expect(plans).toEqual([
      { planId: 'basic', price: PRICE, description: 'An hour of the reports' },
      { planId: 'pro', price: 500_000n, description: 'An hour of everything' },
      { planId: 'trial', price: 0n, description: 'A look at what there is' },
    ])
    expect(routes[1]).toEqual({
      routeId: 'translate',
      method: 'POST',
      path: '/api/translate',
      price: 20_000n,
      description: 'A text in another language',
    })
  })

  test.each([
    ['[]', 'key0_malformed_answer'],
    ['<html>', 'key0_malformed_answer'],
  ])('is not made up of %s', async (body, code) => {
    const { seller, gateway } = await key0Scene()
    gateway.faults.next('key0-error', { status: 200, body })
    expect(await failure(seller.discover())).toMatchObject({ code, fundsMoved: 'no' })
  })

  test('is told with its cost, and nothing is signed', async () => {
    const { seller, signed, sales } = await key0Scene()
    expect(await seller.quote(PLAN)).toMatchObject({ intent: { amount: PRICE } })
    expect([signed.transfers, sales()]).toEqual([0, 0])
    await seller.requestAccess(PLAN)
    expect(await seller.quote(PLAN)).toBeUndefined()
  })
})

describe('access to a plan', () => {
  test('is bought, and its grant has everything', async () => {
    const { seller, gateway, wallet } = await key0Scene()
    const grant = await seller.requestAccess({ ...PLAN, resourceId: 'report' })
    const [challenge] = gateway.state.challenges
    expect(grant).toEqual({
      requestId: challenge?.requestId,
      challengeId: challenge?.challengeId,
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      resourceEndpoint: `${gateway.url}/api/resource/report`,
      resourceId: 'report',
      planId: 'basic',
      transaction: gateway.state.sales[0]?.transaction,
      explorerUrl: expect.stringContaining('basescan.org'),
      expiresAt: expect.any(Number),
    })
    expect(await wallet.payments.list()).toMatchObject([{ state: 'settled', amount: PRICE }])
  })

  test('is bought once for an order, in each process, and again for another order', async () => {
    const { seller, restart, sales, requests } = await key0Scene()
    const first = await seller.requestAccess({ ...PLAN, order: 'a' })
    const asked = requests()
    expect(await seller.requestAccess({ ...PLAN, order: 'a' })).toEqual(first)
    expect(await restart().seller.requestAccess({ ...PLAN, order: 'a' })).toEqual(first)
    expect([sales(), requests()]).toEqual([1, asked])
    const other = await seller.requestAccess({ ...PLAN, order: 'b' })
    expect(other.requestId).not.toBe(first.requestId)
    expect((await seller.requestAccess({ ...PLAN, resourceId: 'x', order: 'a' })).resourceId).toBe(
      'x',
    )
    expect(sales()).toBe(3)
  })

  test('goes by a requestId that nobody can guess', async () => {
    const { seller, restart } = await key0Scene()
    const mine = await seller.requestAccess(PLAN)
    const stranger = restart({ store: memoryStore() })
    const theirs = await stranger.seller.requestAccess(PLAN)
    expect(theirs.requestId).not.toBe(mine.requestId)
  })

  test('that was delivered to a requestId is had again without payment', async () => {
    const { seller, restart, sales } = await key0Scene()
    const { requestId, accessToken } = await seller.requestAccess(PLAN)
    const other = restart({ store: memoryStore() })
    const again = await other.seller.requestAccess({ ...PLAN, requestId })
    expect([again.accessToken, sales()]).toEqual([accessToken, 1])
    expect(await other.wallet.payments.list()).toEqual([])
  })

  test('is bought once for many who ask at once', async () => {
    const { seller, restart, sales, signed } = await key0Scene()
    const other = restart().seller
    const asked = Array.from({ length: 10 }, (_, at) => (at % 2 ? seller : other))
    const grants = await Promise.all(asked.map((one) => one.requestAccess(PLAN)))
    expect(new Set(grants.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test.each(['drop-after-settle', '5xx-after-settle', 'drop-after-verify', 'reset-body'] as const)(
    'comes with the same signature where the answer is lost: %s',
    async (kind) => {
      const { seller, gateway, sales, signed, delivered } = await key0Scene()
      gateway.faults.next(kind, { carrying: 'payment', keeps: 'nothing' })
      const { accessToken } = await seller.requestAccess(PLAN)
      expect(accessToken).toMatch(/\S/)
      expect([sales(), signed.transfers, delivered()]).toEqual([1, 1, 1])
      expect(gateway.state.faults).toMatchObject([{ kind }])
    },
  )

  test('comes after a restart in the middle, for the signature that was written down', async () => {
    const { seller, restart, gateway, sales, signed } = await key0Scene()
    gateway.faults.next('drop-after-settle', { carrying: 'payment', times: 9 })
    const error = await failure(seller.requestAccess(PLAN))
    expect(error).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
    gateway.faults.clear()
    const grant = await restart().seller.requestAccess(PLAN)
    expect(error).toMatchObject({ context: { requestId: grant.requestId } })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test.each([
    ['maxPerPayment', { maxPerPayment: '$0.05' }, 'no_acceptable_offer'],
    ['budget', { budget: { limit: '$0.05', window: '1h' } }, 'budget_exceeded'],
  ] as const)('is refused over the %s', async (_, limits, code) => {
    const { seller, signed } = await key0Scene({}, limits as object)
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({
      code,
      fundsMoved: 'no',
      context: { requestId: expect.any(String) },
    })
    expect(signed.transfers).toBe(0)
  })

  test('is not paid for where the terms name another domain than that of USDC', async () => {
    const { seller, gateway, signed } = await key0Scene()
    gateway.faults.next('key0-wrong-domain')
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({
      code: 'no_acceptable_offer',
      message: expect.stringContaining('the stated name is not that of USDC on that network'),
      fundsMoved: 'no',
    })
    expect(signed.transfers).toBe(0)
  })

  test('is not asked for at an origin that the user did not name', async () => {
    const { seller, gateway } = await key0Scene({}, { origins: ['https://elsewhere.test'] })
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({ code: 'origin_not_allowed' })
    expect(gateway.state.counts().requests).toBe(0)
  })

  test.each([
    [{ planId: 'gold' }, 404, 'key0_tier_not_found'],
    [{ planId: 'trial' }, 400, 'key0_unsupported_free_plan'],
  ])('cannot be had to %o', async (request, statusCode, code) => {
    const { seller, signed } = await key0Scene()
    expect(await failure(seller.requestAccess(request))).toMatchObject({
      statusCode,
      code,
      fundsMoved: 'no',
      context: { requestId: expect.any(String) },
    })
    expect(signed.transfers).toBe(0)
  })

  test.each([
    [400, { type: 'Error', code: 'CHAIN_MISMATCH', message: 'no' }, 'key0_chain_mismatch'],
    [410, { type: 'Error', code: 'CHALLENGE_EXPIRED', message: 'no' }, 'key0_challenge_expired'],
    [404, { type: 'Error', code: 'ROUTE_NOT_FOUND', error: 'no' }, 'key0_route_not_found'],
    [402, { type: 'Error', code: 'PAYMENT_FAILED', message: 'no' }, 'key0_payment_failed'],
    [500, { error: 'INTERNAL_ERROR', message: 'no' }, 'key0_internal_error'],
    [503, { type: 'Error', code: 'SETTLEMENT_FAILED', error: 'no' }, 'key0_settlement_failed'],
    [400, { error: 'Please select a plan' }, 'key0_unknown_error'],
    [418, 'a teapot', 'key0_unknown_error'],
    [200, { type: 'AccessGrant' }, 'key0_malformed_answer'],
    [202, { type: 'Error', code: 'TX_UNCONFIRMED', message: 'no' }, 'key0_tx_unconfirmed'],
  ])('that is answered %d %o is an error of its own', async (status, body, code) => {
    const { seller, gateway, signed } = await key0Scene({}, { maxRetries: 0 })
    gateway.faults.next('key0-error', { status, body: JSON.stringify(body) })
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({ code, fundsMoved: 'no' })
    expect(signed.transfers).toBe(0)
  })

  test('is not paid for without terms, again or at all', async () => {
    const { seller, gateway, signed } = await key0Scene()
    const body = JSON.stringify({ type: 'Error', code: 'PAYMENT_FAILED', message: 'no gas' })
    gateway.faults.next('key0-error', { status: 402, body, carrying: 'payment', times: 9 })
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({
      code: 'payment_unconfirmed',
      fundsMoved: 'maybe',
      context: { key0Code: 'key0_payment_failed', requestId: expect.any(String) },
    })
    expect(signed.transfers).toBe(1)
    gateway.faults.clear()
    expect(await seller.requestAccess(PLAN)).toMatchObject(PLAN)
    expect(signed.transfers).toBe(1)
  })

  test('comes where the payment is not confirmed at first, and that is no grant', async () => {
    const { seller, gateway, signed } = await key0Scene()
    const body = JSON.stringify({ type: 'Error', code: 'TX_UNCONFIRMED', message: 'wait' })
    gateway.faults.next('key0-error', { status: 202, body, carrying: 'payment' })
    expect(await seller.requestAccess(PLAN)).toMatchObject(PLAN)
    expect(signed.transfers).toBe(1)
  })

  test('comes in the answer that the proof was redeemed before', async () => {
    const { seller, gateway, signed } = await key0Scene()
    const grant = { accessToken: 'opaque', resourceEndpoint: `${gateway.url}/api/x` }
    const details = { grant }
    const body = JSON.stringify({ type: 'Error', code: 'PROOF_ALREADY_REDEEMED', details })
    gateway.faults.next('key0-error', { status: 200, body, carrying: 'payment' })
    expect(await seller.requestAccess(PLAN)).toMatchObject({ ...grant, expiresAt: undefined })
    expect(signed.transfers).toBe(1)
  })
})

describe('access that was paid for and has not come', () => {
  test.each([
    [undefined, 'key0_internal_error'],
    [502, 'key0_token_issue_failed'],
    [504, 'key0_token_issue_timeout'],
  ])('is never paid for again, and its error has all that is known (%s)', async (status, code) => {
    const { seller, gateway, restart, signed, sales } = await key0Scene()
    gateway.faults.next('key0-issuer-fails', status === undefined ? {} : { status })
    const error = await failure(seller.requestAccess(PLAN))
    const [challenge] = gateway.state.challenges
    const [sale] = gateway.state.sales
    expect(error).toMatchObject({
      name: 'PaidButFailedError',
      code: 'paid_but_failed',
      fundsMoved: 'yes',
      context: {
        key0Code: code,
        requestId: challenge?.requestId,
        transaction: sale?.transaction,
      },
      message: expect.stringContaining('Key0 refunds what was paid and not delivered'),
    })
    expect(await failure(restart().seller.requestAccess(PLAN))).toMatchObject({
      code: 'paid_but_failed',
    })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test('is given back, and can be bought anew once a person has given it up', async () => {
    const { seller, gateway, wallet, account, signed } = await key0Scene()
    const balance = () => gateway.state.balanceOf(BASE, account.address)
    gateway.faults.next('key0-issuer-fails')
    await gateway.state.setBalance(BASE, account.address, '$1')
    await failure(seller.requestAccess(PLAN))
    await gateway.state.advance({ milliseconds: 6 * MINUTE })
    expect(gateway.state.challenges[0]?.state).toBe('REFUNDED')
    expect(await balance()).toBe(1_000_000n)
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({ code: 'paid_but_failed' })
    const [open] = await wallet.payments.list()
    await wallet.payments.writeOff(String(open?.id))
    expect(await seller.requestAccess(PLAN)).toMatchObject(PLAN)
    expect([await balance(), signed.transfers]).toEqual([1_000_000n - PRICE, 2])
  })

  test('is told to be on its way back where the seller says so', async () => {
    const { seller, gateway } = await key0Scene()
    const body = JSON.stringify({ type: 'Error', code: 'CHALLENGE_NOT_PAID', message: 'refund' })
    gateway.faults.next('key0-error', { status: 409, body, carrying: 'payment', times: 9 })
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({
      message: expect.stringContaining('It is being refunded to the wallet.'),
      context: { key0Code: 'key0_challenge_not_paid' },
    })
  })

  test('is not paid for again where the seller lost its mark', async () => {
    const { seller, gateway, sales, signed } = await key0Scene()
    gateway.faults.next('key0-mark-lost')
    expect(await failure(seller.requestAccess(PLAN))).toMatchObject({
      code: 'paid_but_failed',
      context: { key0Code: 'key0_tx_already_redeemed' },
    })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })
})

describe('a fetch with access', () => {
  const endpoint = (url: string, id = 'default') => `${url}/api/resource/${id}`

  test('buys once, and carries the token', async () => {
    const { seller, gateway, sales } = await key0Scene()
    const fetchReport = seller.accessFetch(PLAN)
    for (let i = 0; i < 3; i++) {
      const answer = await fetchReport(endpoint(gateway.url))
      expect(await answer.json()).toEqual({ resourceId: 'default', secret: expect.any(String) })
    }
    expect(sales()).toBe(1)
  })

  test('renews what is over, once for all who ask, and with the same purchase after a restart', async () => {
    const { seller, gateway, sales, restart } = await key0Scene()
    const fetchReport = seller.accessFetch(PLAN)
    await fetchReport(endpoint(gateway.url))
    await gateway.state.advance({ milliseconds: 2 * HOUR })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => fetchReport(endpoint(gateway.url))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200))
    expect(sales()).toBe(2)
    const later = restart().seller.accessFetch(PLAN)
    expect((await later(endpoint(gateway.url))).status).toBe(200)
    expect(sales()).toBe(2)
  })

  test('renews within the budget only', async () => {
    const { seller, gateway, sales } = await key0Scene(
      {},
      { budget: { limit: '$0.15', window: '24h' } },
    )
    const fetchReport = seller.accessFetch(PLAN)
    await fetchReport(endpoint(gateway.url))
    await gateway.state.advance({ milliseconds: 2 * HOUR })
    expect(await failure(fetchReport(endpoint(gateway.url)))).toMatchObject({
      code: 'budget_exceeded',
      fundsMoved: 'no',
    })
    expect(sales()).toBe(1)
  })

  test('says that access is over where it is not to be renewed', async () => {
    const { seller, gateway, sales } = await key0Scene()
    const fetchReport = seller.accessFetch(PLAN, { renew: 'never' })
    await fetchReport(endpoint(gateway.url))
    await gateway.state.advance({ milliseconds: 2 * HOUR })
    expect(await failure(fetchReport(endpoint(gateway.url)))).toMatchObject({
      code: 'key0_access_expired',
      fundsMoved: 'no',
    })
    expect(sales()).toBe(1)
  })

  test('buys nothing for a token that is refused for another reason', async () => {
    const { seller, gateway, sales } = await key0Scene()
    const answer = await seller.accessFetch(PLAN)(endpoint(gateway.url, 'other'))
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'INVALID_REQUEST' })
    expect(sales()).toBe(1)
  })

  test('says that funds moved where the call that bought access fails, and uses it with the next', async () => {
    const { seller, gateway, sales } = await key0Scene({}, { maxRetries: 0 })
    const fetchReport = seller.accessFetch(PLAN)
    gateway.faults.next('reset-before', { path: '/api/resource', times: 2 })
    for (const fundsMoved of ['yes', 'no']) {
      const error = await failure(fetchReport(endpoint(gateway.url)))
      expect(error).toMatchObject({ code: 'connection_error', fundsMoved })
    }
    expect((await fetchReport(endpoint(gateway.url))).status).toBe(200)
    expect(sales()).toBe(1)
  })

  test('buys no more where what was just bought is said to be over', async () => {
    const { seller, gateway, sales } = await key0Scene()
    const body = JSON.stringify({ type: 'Error', code: 'CHALLENGE_EXPIRED', message: 'over' })
    gateway.faults.next('key0-error', { status: 401, body, path: '/api/resource', times: 9 })
    const fetchReport = seller.accessFetch(PLAN)
    const refused = { code: 'key0_access_refused' }
    for (let i = 0; i < 3; i++) {
      expect(await failure(fetchReport(endpoint(gateway.url)))).toMatchObject(refused)
    }
    expect(sales()).toBe(1)
  })

  test('sends a body again, and takes the token to no other origin', async () => {
    const { seller, gateway } = await key0Scene()
    const fetchReport = seller.accessFetch(PLAN)
    expect((await fetchReport(endpoint(gateway.url), { method: 'POST', body: 'x' })).status).toBe(
      404,
    )
    const other = new URL(gateway.url)
    other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
    expect(await failure(fetchReport(endpoint(other.origin)))).toMatchObject({
      code: 'key0_wrong_origin',
    })
  })

  test('pays for nothing else', async () => {
    const { seller, gateway, sales } = await key0Scene()
    const answer = await seller.accessFetch(PLAN)(`${gateway.url}/api/weather/oslo`)
    expect([answer.status, sales()]).toEqual([402, 1])
  })
})

describe('a route that is paid for by the request', () => {
  test('is bought on its own path, each time', async () => {
    const { seller, sales, requests } = await key0Scene()
    for (const city of ['oslo', 'rome']) {
      const answer = await seller.payPerRequest(`/api/weather/${city}`)
      expect(await answer.json()).toMatchObject({ routeId: 'weather' })
    }
    const body = JSON.stringify({ text: 'yes' })
    const answer = await seller.payPerRequest('/api/translate', { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ body })
    expect([sales(), requests()]).toEqual([3, 0])
  })

  test('is bought once for an idempotencyKey', async () => {
    const { seller, sales } = await key0Scene()
    const call = () => seller.payPerRequest('/api/weather/oslo', { idempotencyKey: 'today' })
    const [first, again] = [await call(), await call()]
    expect([await again.text(), sales()]).toEqual([await first.text(), 1])
  })

  test.each([
    ['key0-backend-lost', 'key0_proxy_error'],
    ['key0-backend-slow', 'key0_proxy_timeout'],
    ['key0-backend-5xx', 'key0_unknown_error'],
  ] as const)('is not paid for again where its backend fails: %s', async (kind, key0Code) => {
    const { seller, gateway, sales, signed } = await key0Scene()
    gateway.faults.next(kind)
    expect(await failure(seller.payPerRequest('/api/weather/oslo'))).toMatchObject({
      code: 'paid_but_failed',
      fundsMoved: 'yes',
      context: { key0Code, transaction: gateway.state.sales[0]?.transaction },
    })
    expect(await failure(seller.payPerRequest('/api/weather/oslo'))).toMatchObject({
      code: 'paid_but_failed',
    })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })

  test('is paid for once where the answer is lost', async () => {
    const { seller, gateway, sales, signed } = await key0Scene()
    gateway.faults.next('drop-after-settle', { carrying: 'payment' })
    expect(await failure(seller.payPerRequest('/api/weather/oslo'))).toMatchObject({
      code: 'paid_but_failed',
    })
    expect([sales(), signed.transfers]).toEqual([1, 1])
  })
})
