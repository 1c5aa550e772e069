import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FacilitatorClient } from '@x402/core/server'
import { expect, onTestFinished, test } from 'vitest'
import { createMockGateway, type MockGateway } from '../../createMockGateway'
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
import { BASE, evmPayer } from '../../testing/officialClients'

const PLAN = { planId: 'basic' }
const PRICE = 100_000n
const MINUTE = 60_000
const askedNow = () => ({ ...PLAN, requestId: crypto.randomUUID() })

/** Somebody who paid for a plan and got nothing. */
async function cheat(gateway: MockGateway) {
  const asked = askedNow()
  const payer = evmPayer()
  await gateway.state.setBalance(BASE, payer.account.address, '$1')
  const payment = await signFor(gateway, payer, asked)
  gateway.faults.next('key0-issuer-fails')
  const response = await access(gateway, asked, payment)
  const balance = () => gateway.state.balanceOf(BASE, payer.account.address)
  return { asked, payment, payer, response, balance }
}

test.each([
  [undefined, 500, { error: 'INTERNAL_ERROR', message: expect.any(String) }],
  [502, 502, { type: 'Error', code: 'TOKEN_ISSUE_FAILED', message: expect.any(String) }],
  [504, 504, { type: 'Error', code: 'TOKEN_ISSUE_TIMEOUT', message: expect.any(String) }],
])(
  'an issuer that fails (%s) leaves the buyer charged, and the same signature is refused',
  async (asStatus, status, body) => {
    const gateway = await startKey0()
    const asked = askedNow()
    const payment = await signFor(gateway, evmPayer(), asked)
    gateway.faults.next('key0-issuer-fails', asStatus === undefined ? {} : { status: asStatus })
    const response = await access(gateway, asked, payment)
    expect(response.status).toBe(status)
    expect(decoded(response, 'payment-response')).toMatchObject({
      success: true,
      transaction: gateway.state.sales[0]?.transaction,
    })
    expect(await response.json()).toEqual(body)
    expect(statesOf(challengeOf(gateway))).toEqual(['PENDING', 'PAID'])
    expect(gateway.state.sales).toMatchObject([{ delivered: undefined }])
    const again = await access(gateway, asked, payment)
    expect(again.status).toBe(402)
    expect(await again.json()).toMatchObject({ message: 'payment failed: nonce_used' })
  },
)

test('what was paid for and not delivered is given back after five minutes, on the chain', async () => {
  const gateway = await startKey0()
  const { balance } = await cheat(gateway)
  await gateway.state.advance({ milliseconds: 5 * MINUTE - 1_000 })
  expect([challengeOf(gateway).state, await balance()]).toEqual(['PAID', 1_000_000n - PRICE])
  await gateway.state.advance({ milliseconds: MINUTE })
  const challenge = challengeOf(gateway)
  expect(statesOf(challenge)).toEqual(['PENDING', 'PAID', 'REFUND_PENDING', 'REFUNDED'])
  expect(challenge.log.map(({ reason }) => reason)).toEqual([
    'asked for',
    'the payment settled',
    'nothing was delivered in time',
    'the refund landed',
  ])
  expect(await balance()).toBe(1_000_000n)
  expect(gateway.state.sales).toMatchObject([{ delivered: undefined, refund: challenge.refund }])
  const receipt = await fetch(gateway.rpc[BASE] ?? '', {
    method: 'POST',
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'eth_getTransactionReceipt',
      params: [challenge.refund],
    }),
  })
  expect(await receipt.json()).toMatchObject({ result: { status: '0x1' } })
})

test('what is on its way back is not delivered any more', async () => {
  const slow = {
    routeId: 'slow',
    method: 'GET',
    path: '/slow',
    unitAmount: '$0.01',
    backend: async () => {
      await gateway.state.advance({ milliseconds: 6 * MINUTE })
      return Response.json('at last')
    },
  } as const
  const options = { maxTimeoutSeconds: 3600 }
  const gateway: MockGateway = await startKey0({ routes: [slow] }, options)
  const resource = { method: 'GET', path: '/slow' }
  const asked = { routeId: 'slow', resource, requestId: crypto.randomUUID() }
  const { pay } = evmPayer()
  for (const send of [
    () => pay(`${gateway.url}/slow`),
    () => pay(`${gateway.url}/x402/access`, order(asked)),
  ]) {
    const response = await send()
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'CHALLENGE_NOT_PAID' })
  }
  expect(gateway.state.challenges.map(({ state }) => state)).toEqual(['REFUNDED', 'REFUNDED'])
})

test('whoever reads the book later finds the refund made', async () => {
  let now = Date.now()
  const gateway = await startKey0({}, { clock: () => now })
  await cheat(gateway)
  now += 6 * MINUTE
  await expect.poll(() => challengeOf(gateway).state).toBe('REFUNDED')
})

test('a facilitator without gas is a 500, and nothing moved', async () => {
  const facilitator: FacilitatorClient = {
    getSupported: async () => ({ kinds: [], extensions: [], signers: {} }),
    verify: async () => ({ isValid: true }),
    settle: async () => ({
      success: false,
      errorReason: 'out_of_gas',
      transaction: '',
      network: BASE,
    }),
  }
  const gateway = await startKey0({}, { facilitator })
  const response = await evmPayer().pay(`${gateway.url}/x402/access`, order(askedNow()))
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({
    code: 'PAYMENT_FAILED',
    details: { reason: 'out_of_gas' },
  })
  expect(gateway.state.sales).toEqual([])
})

test('a refund that fails stays failed, and the buyer stays charged', async () => {
  const gateway = await startKey0()
  const { balance } = await cheat(gateway)
  gateway.faults.next('key0-refund-fails')
  await gateway.state.advance({ milliseconds: 6 * MINUTE })
  await gateway.state.advance({ milliseconds: 60 * MINUTE })
  const states = ['PENDING', 'PAID', 'REFUND_PENDING', 'REFUND_FAILED']
  expect(statesOf(challengeOf(gateway))).toEqual(states)
  expect(await balance()).toBe(1_000_000n - PRICE)
})

test('a seller that has spent the money cannot give it back', async () => {
  const gateway = await startKey0()
  await cheat(gateway)
  const [sale] = gateway.state.sales
  await gateway.state.setBalance(BASE, sale?.payTo ?? '', 0n)
  await gateway.state.advance({ milliseconds: 6 * MINUTE })
  expect(challengeOf(gateway).log.at(-1)).toMatchObject({
    to: 'REFUND_FAILED',
    reason: 'ERC20: transfer amount exceeds balance',
  })
})

test('a refund can take its time: pending until it lands, and the requestId can be paid anew meanwhile', async () => {
  const gateway = await startKey0()
  const { asked, balance } = await cheat(gateway)
  gateway.faults.next('key0-refund-held')
  await gateway.state.advance({ milliseconds: 6 * MINUTE })
  expect([challengeOf(gateway).state, await balance()]).toEqual([
    'REFUND_PENDING',
    1_000_000n - PRICE,
  ])
  expect((await access(gateway, asked)).status).toBe(402)
  await gateway.state.advance({ blocks: 1 })
  expect(gateway.state.challenges.map(({ state }) => state)).toEqual(['REFUNDED', 'PENDING'])
  expect(await balance()).toBe(1_000_000n)
})

test('fifty refunds are made in a minute', async () => {
  const gateway = await startKey0()
  const { pay } = evmPayer()
  gateway.faults.next('key0-issuer-fails', { times: 51 })
  for (let i = 0; i < 51; i += 1) await pay(`${gateway.url}/x402/access`, order(askedNow()))
  const refunded = () => gateway.state.challenges.filter(({ state }) => state === 'REFUNDED')
  for (let i = 0; i < 5; i += 1) await gateway.state.advance({ milliseconds: MINUTE })
  expect(refunded()).toHaveLength(50)
  await gateway.state.advance({ milliseconds: MINUTE })
  expect(refunded()).toHaveLength(51)
})

test('what was delivered is not given back, and what was not paid expires', async () => {
  const gateway = await startKey0()
  await evmPayer().pay(`${gateway.url}/x402/access`, order(askedNow()))
  await access(gateway, askedNow())
  await gateway.state.advance({ milliseconds: 15 * MINUTE })
  expect(gateway.state.challenges.map(({ state }) => state)).toEqual(['DELIVERED', 'EXPIRED'])
})

test('two signatures for one requestId can be charged both, for one grant', async () => {
  const gateway = await startKey0()
  const asked = askedNow()
  const [first, second] = await Promise.all([
    signFor(gateway, evmPayer(), asked),
    signFor(gateway, evmPayer(), asked),
  ])
  const grant = await (await access(gateway, asked, first)).json()
  gateway.faults.next('key0-charges-again')
  const again = await access(gateway, asked, second)
  expect(await again.json()).toEqual(grant)
  expect(decoded(again, 'payment-response')).toMatchObject({ success: true })
  expect(gateway.state.sales.map(({ delivered }) => delivered)).toEqual(['basic', undefined])
})

test('a challenge can be paid and delivered after its time', async () => {
  const gateway = await startKey0({}, { maxTimeoutSeconds: 3600 })
  const asked = askedNow()
  await access(gateway, asked)
  await gateway.state.advance({ milliseconds: 899_000 })
  const payment = await signFor(gateway, evmPayer(), asked)
  await gateway.state.advance({ milliseconds: 2_000 })
  gateway.faults.next('key0-takes-expired')
  expect((await access(gateway, asked, payment)).status).toBe(200)
  expect(gateway.state.sales).toHaveLength(1)
})

test('a payment can be taken for one that was used: settled, 409, and pending again', async () => {
  const gateway = await startKey0()
  const asked = askedNow()
  const payment = await signFor(gateway, evmPayer(), asked)
  gateway.faults.next('key0-mark-lost')
  const response = await access(gateway, asked, payment)
  expect(response.status).toBe(409)
  expect(await response.json()).toMatchObject({ code: 'TX_ALREADY_REDEEMED' })
  expect(decoded(response, 'payment-response')).toMatchObject({ success: true })
  expect(statesOf(challengeOf(gateway))).toEqual(['PENDING', 'PAID', 'PENDING'])
})

test('terms for mainnet can name another domain, under which a signature is worth nothing', async () => {
  const gateway = await startKey0()
  const asked = askedNow()
  gateway.faults.next('key0-wrong-domain')
  const terms = termsIn(await access(gateway, asked))
  expect(terms.accepts[0]?.extra).toMatchObject({ name: 'USDC', version: '2' })
  const payment = await evmPayer().client.createPaymentPayload(terms)
  expect((await access(gateway, asked, payment)).status).toBe(402)
  expect(gateway.state.sales).toEqual([])
})

test('an embedded seller can charge for a route that it does not deliver', async () => {
  const gateway = await startKey0({ mode: 'embedded' })
  const asked = { routeId: 'weather', requestId: crypto.randomUUID() }
  gateway.faults.next('key0-charges-for-route')
  const response = await evmPayer().pay(`${gateway.url}/x402/access`, order(asked))
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'EMBEDDED_MODE' })
  expect(decoded(response, 'payment-response')).toMatchObject({ success: true })
  expect(challengeOf(gateway).state).toBe('PAID')
})

test.each([
  ['key0-backend-lost', 'PROXY_ERROR'],
  ['key0-backend-slow', 'PROXY_TIMEOUT'],
] as const)('%s charges, and says %s with the transaction', async (kind, code) => {
  const gateway = await startKey0()
  gateway.faults.next(kind)
  const response = await evmPayer().pay(`${gateway.url}/api/weather/oslo`)
  expect(response.status).toBe(502)
  const txHash = gateway.state.sales[0]?.transaction
  expect(await response.json()).toEqual({
    type: 'Error',
    code,
    error: expect.any(String),
    txHash,
  })
  await gateway.state.advance({ milliseconds: 6 * MINUTE })
  expect(challengeOf(gateway).state).toBe('REFUNDED')
})

test('a backend that throws is a PROXY_ERROR', async () => {
  const backend = () => Promise.reject(new Error('out of rain'))
  const gateway = await startKey0({
    routes: [{ routeId: 'rain', method: 'GET', path: '/rain', unitAmount: '$0.01', backend }],
  })
  const response = await evmPayer().pay(`${gateway.url}/rain`)
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({ code: 'PROXY_ERROR', error: 'out of rain' })
})

test('a backend can fail behind a route that was paid for', async () => {
  const gateway = await startKey0()
  gateway.faults.next('key0-backend-5xx', { status: 503 })
  const response = await evmPayer().pay(`${gateway.url}/api/weather/oslo`)
  expect(response.status).toBe(503)
  expect(decoded(response, 'payment-response')).toMatchObject({ success: true })
})

test('any error of Key0 can be had to the letter', async () => {
  const gateway = await startKey0()
  const body = '{"type":"Error","code":"ADAPTER_ERROR","message":"no"}'
  gateway.faults.next('key0-error', { status: 500, body })
  const response = await access(gateway, PLAN)
  expect([response.status, await response.text()]).toEqual([500, body])
})

test('faults of every seller strike here too', async () => {
  const gateway = await startKey0()
  gateway.faults.next('bad-challenge', { header: 'nonsense' })
  expect((await access(gateway, PLAN)).headers.get('payment-required')).toBe('nonsense')
  gateway.faults.next('5xx-before')
  const failed = await access(gateway, PLAN)
  expect([failed.status, await failed.json()]).toEqual([
    502,
    { error: 'INTERNAL_ERROR', message: 'upstream failed' },
  ])
  gateway.faults.next('429-before', { retryAfter: '7' })
  const limited = await access(gateway, PLAN)
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
})

test('a restart finds grants, what is owed, and tokens', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'key0-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const options = { dialects: ['key0'], stateFile: join(folder, 'state.json') } as const
  const first = await createMockGateway(options)
  const asked = askedNow()
  const payment = await signFor(first, evmPayer(), asked)
  const grant = await (await access(first, asked, payment)).json()
  first.faults.next('key0-issuer-fails')
  await evmPayer().pay(`${first.url}/x402/access`, order(askedNow()))
  await first.close()

  const second = await startKey0({}, options)
  expect(await (await access(second, asked, payment)).json()).toEqual(grant)
  const headers = { authorization: `Bearer ${grant.accessToken}` }
  expect((await fetch(`${second.url}/api/resource/default`, { headers })).status).toBe(200)
  await second.state.advance({ milliseconds: 6 * MINUTE })
  expect(second.state.challenges.map(({ state }) => state)).toEqual(['DELIVERED', 'REFUNDED'])
  expect(second.state.sales).toHaveLength(2)
})

test('a reset forgets challenges and what was settled', async () => {
  const gateway = await startKey0()
  const asked = askedNow()
  const payment = await signFor(gateway, evmPayer(), asked)
  expect((await access(gateway, asked, payment)).status).toBe(200)
  await gateway.state.reset()
  expect(gateway.state.challenges).toEqual([])
  expect((await access(gateway, asked)).status).toBe(402)
  expect((await access(gateway, asked, payment)).status).toBe(200)
  expect(gateway.state.sales).toHaveLength(1)
})
