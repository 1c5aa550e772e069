import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PaymentRequired } from '@x402/core/types'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import {
  appendPaymentIdentifierToExtensions,
  declarePaymentIdentifierExtension,
} from '@x402/extensions/payment-identifier'
import { wrapFetchWithPayment, type x402Client } from '@x402/fetch'
import { expect, onTestFinished, test } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { MockGatewayOptions } from '../../options'
import { decoded } from '../../testing/chat'
import { BASE, evmPayer, SOLANA, solanaPayer } from '../../testing/officialClients'
import { paid } from '../../testing/payments'
import { startGateway } from '../../testing/startGateway'
import { offersOn, signAgainst, termsAt, withOffers } from '../../testing/terms'
import type { X402Options } from './x402'

const start = (x402: X402Options = {}, more: MockGatewayOptions = {}) =>
  startGateway({ dialects: ['x402'], x402, ...more })
const at = (gateway: MockGateway) => `${gateway.url}/weather`

const termsOf = (gateway: MockGateway) => termsAt(at(gateway))
const sign = (
  gateway: MockGateway,
  payer: { readonly client: x402Client } = evmPayer(),
  change: (terms: PaymentRequired) => PaymentRequired = (terms) => terms,
) => signAgainst(at(gateway), payer, { change })
const send = (gateway: MockGateway, payment: unknown) => fetch(at(gateway), paid(payment, {}))

/** The terms, answered under one identifier. */
const named = (terms: PaymentRequired): PaymentRequired => ({
  ...terms,
  extensions: appendPaymentIdentifierToExtensions(
    structuredClone(terms.extensions ?? {}),
    'pay_0123456789abcdef',
  ),
})

test('the official client buys an answer, and the sale is on record', async () => {
  const gateway = await start()
  const { account, pay } = evmPayer()
  const response = await pay(at(gateway))
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ path: '/weather', payer: account.address })
  const [sale] = gateway.state.sales
  expect(sale).toMatchObject({
    dialect: 'x402',
    network: BASE,
    payer: account.address,
    amount: 10_000n,
    path: '/weather',
    delivered: 'GET /weather',
    refund: undefined,
  })
  expect(decoded(response, 'PAYMENT-RESPONSE')).toEqual({
    success: true,
    transaction: sale?.transaction,
    network: BASE,
    payer: account.address,
  })
  expect(await gateway.state.balanceOf(BASE, sale?.payTo ?? '')).toBe(10_000n)
  expect(gateway.state.counts()).toMatchObject({ sales: 1, payments: 0, requests: 2 })
})

test('the official client buys an answer on Solana', async () => {
  const gateway = await start({ prices: { 'POST /oracle': '$0.5' } })
  const { account, pay } = await solanaPayer(gateway)
  const response = await pay(`${gateway.url}/oracle`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(200)
  expect(gateway.state.sales).toMatchObject([
    { network: SOLANA, payer: account.address, amount: 500_000n, delivered: 'POST /oracle' },
  ])
})

test('a seller of version 1 is paid by the official client', async () => {
  const gateway = await start({ version: 1 })
  const bare = await fetch(at(gateway))
  expect(bare.status).toBe(402)
  expect(bare.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect(await bare.json()).toMatchObject({
    x402Version: 1,
    accepts: [{ network: 'base', maxAmountRequired: '10000' }, { network: 'solana' }],
  })
  const { account, client } = evmPayer()
  client.registerV1('base', new ExactEvmSchemeV1(account))
  const response = await wrapFetchWithPayment(fetch, client)(at(gateway))
  expect(response.status).toBe(200)
  expect(decoded(response, 'X-PAYMENT-RESPONSE')).toMatchObject({ success: true, network: 'base' })
  expect(gateway.state.sales).toHaveLength(1)
})

test.each([
  ['another amount', { amount: '9999' }, 'No matching payment requirements'],
  [
    'another receiver',
    { payTo: '0x1111111111111111111111111111111111111111' },
    'invalid_exact_evm_recipient_mismatch',
  ],
])('%s is refused, whatever the client says it accepted', async (_, change, reason) => {
  const gateway = await start()
  const response = await send(gateway, await sign(gateway, evmPayer(), withOffers(change)))
  expect(response.status).toBe(402)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
    success: false,
    errorReason: reason,
  })
  expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({ error: reason })
  expect(gateway.state.sales).toEqual([])
})

test('a signature buys once, and is refused with the official reason from then on', async () => {
  const gateway = await start()
  const evm = await sign(gateway)
  const solana = await sign(gateway, await solanaPayer(gateway), offersOn(SOLANA))
  for (const [payment, reason] of [
    [evm, 'invalid_exact_evm_nonce_already_used'],
    [solana, 'duplicate_settlement'],
  ] as const) {
    expect((await send(gateway, payment)).status).toBe(200)
    const again = await send(gateway, payment)
    expect(again.status).toBe(402)
    expect(decoded(again, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: reason })
  }
  expect(gateway.state.counts().sales).toBe(2)
})

test('of ten that bear the same signature at once, one buys', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(gateway, payment)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(gateway.state.counts().sales).toBe(1)
})

test('ten who pay at once all get what they paid for', async () => {
  const gateway = await start()
  const answers = await Promise.all(Array.from({ length: 10 }, () => evmPayer().pay(at(gateway))))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  expect(new Set(gateway.state.sales.map(({ payer }) => payer)).size).toBe(10)
})

test('a payment under the same identifier gets the first answer again, and another one 409', async () => {
  const gateway = await start({ paymentIdentifier: 'optional' })
  const payer = evmPayer()
  const terms = await termsOf(gateway)
  expect(terms.extensions?.['payment-identifier']).toEqual(declarePaymentIdentifierExtension())
  const payment = await sign(gateway, payer, named)
  gateway.faults.next('drop-after-settle')
  await expect(send(gateway, payment)).rejects.toThrow('fetch failed')
  const [first, second] = [await send(gateway, payment), await send(gateway, payment)]
  expect([first.status, second.status]).toEqual([200, 200])
  expect(await first.json()).toEqual(await second.json())
  expect(decoded(first, 'PAYMENT-RESPONSE')).toMatchObject({ success: true })
  const other = await send(gateway, await sign(gateway, payer, named))
  expect(other.status).toBe(409)
  expect(gateway.state.counts().sales).toBe(1)
})

test('ten that bear the same payment under the same identifier at once all get its one answer', async () => {
  const { facilitator } = await startGateway({ networks: [BASE] })
  const pause = () => new Promise((resolve) => setTimeout(resolve, 10))
  // One that takes its time, as over a network: all ten are here before the first is answered.
  const slow: typeof facilitator = {
    getSupported: () => facilitator.getSupported(),
    verify: async (...terms) => pause().then(() => facilitator.verify(...terms)),
    settle: async (...terms) => pause().then(() => facilitator.settle(...terms)),
  }
  const gateway = await start(
    { paymentIdentifier: 'optional' },
    { networks: [BASE], facilitator: slow },
  )
  const payment = await sign(gateway, evmPayer(), named)
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(gateway, payment)))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
  const tickets = await Promise.all(answers.map((answer) => answer.json()))
  expect(new Set(tickets.map(({ ticket }) => ticket)).size).toBe(1)
  expect(gateway.state.counts().sales).toBe(1)
})

test('an identifier under which nothing was bought is free for another payment', async () => {
  const gateway = await start({ paymentIdentifier: 'required' }, { balances: {} })
  const payer = evmPayer()
  expect((await send(gateway, await sign(gateway, payer, named))).status).toBe(402)
  await gateway.state.setBalance(BASE, payer.account.address, '$1')
  expect((await send(gateway, await sign(gateway, payer, named))).status).toBe(200)
})

test('where an identifier is required a payment without one is a 400, and moves nothing', async () => {
  const gateway = await start({ paymentIdentifier: 'required' })
  const terms = await termsOf(gateway)
  expect(terms.extensions?.['payment-identifier']).toEqual(declarePaymentIdentifierExtension(true))
  const response = await send(gateway, await sign(gateway))
  expect(response.status).toBe(400)
  expect(gateway.state.sales).toEqual([])
})

test.each([
  ['5xx-before', 502, 0],
  ['5xx-after-verify', 500, 0],
  ['5xx-after-settle', 502, 1],
  ['402-after-settle', 402, 1],
  ['429-after-settle', 429, 1],
] as const)('%s answers %i, with %i sales', async (kind, status, sales) => {
  const gateway = await start()
  gateway.faults.next(kind, { carrying: 'payment' })
  const response = await evmPayer().pay(at(gateway))
  expect(response.status).toBe(status)
  expect(gateway.state.counts().sales).toBe(sales)
  expect(decoded(response, 'PAYMENT-RESPONSE')?.success).toBe(sales === 1 ? true : undefined)
})

test('drop-after-verify moves nothing, and the same signature still buys', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  gateway.faults.next('drop-after-verify')
  await expect(send(gateway, payment)).rejects.toThrow('fetch failed')
  expect(gateway.state.sales).toEqual([])
  expect((await send(gateway, payment)).status).toBe(200)
})

test('a settlement that lands late buys when its signature comes again, once', async () => {
  const gateway = await start()
  const payment = await sign(gateway)
  gateway.faults.next('settle-late')
  const early = await send(gateway, payment)
  expect(decoded(early, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: 'settlement_pending' })
  expect((await send(gateway, payment)).status).toBe(402)
  await gateway.state.advance({ blocks: 1 })
  expect((await send(gateway, payment)).status).toBe(200)
  expect((await send(gateway, payment)).status).toBe(402)
  expect(gateway.state.counts().sales).toBe(1)
})

test('what landed late for one thing does not buy a dearer one', async () => {
  const gateway = await start({ prices: { 'GET /weather': '$0.01', 'GET /forecast': '$5' } })
  const payment = await sign(gateway)
  gateway.faults.next('settle-late')
  await send(gateway, payment)
  await gateway.state.advance({ blocks: 1 })
  expect((await fetch(`${gateway.url}/forecast`, paid(payment, {}))).status).toBe(402)
  expect((await send(gateway, payment)).status).toBe(200)
})

test('what somebody else lands first is paid, and buys nothing', async () => {
  const gateway = await start()
  gateway.faults.next('third-party-settles')
  const response = await send(gateway, await sign(gateway))
  expect(response.status).toBe(402)
  expect(gateway.state.sales).toMatchObject([{ delivered: undefined, amount: 10_000n }])
})

test('an answer can lose its receipt, have a forged one, and be cut', async () => {
  const gateway = await start()
  gateway.faults.next('receipt-lost')
  const lost = await evmPayer().pay(at(gateway))
  expect(decoded(lost, 'PAYMENT-RESPONSE')).toBeUndefined()
  gateway.faults.next('receipt-spoofed', { carrying: 'payment' })
  const forged = await evmPayer().pay(at(gateway))
  expect(decoded(forged, 'PAYMENT-RESPONSE')).toMatchObject({ jwt: 'spoofed.spoofed.spoofed' })
  for (const kind of ['truncate-body', 'reset-body'] as const) {
    gateway.faults.next(kind)
    const read = async () => (await evmPayer().pay(at(gateway))).json()
    await expect(read()).rejects.toThrow()
  }
  expect(gateway.state.counts().sales).toBe(4)
})

test('a gateway that is started again knows its sales, signatures and identifiers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const options = { stateFile: join(folder, 'state.json') }
  const gateway = await start({ paymentIdentifier: 'optional' }, options)
  const plain = await sign(gateway)
  const named = await sign(gateway, evmPayer(), (terms) => ({
    ...terms,
    extensions: appendPaymentIdentifierToExtensions(terms.extensions ?? {}),
  }))
  await send(gateway, plain)
  const first = await (await send(gateway, named)).json()
  const { sales } = gateway.state
  // A crash could come now: nobody is told of a sale that is not in the file.
  const written = readFileSync(options.stateFile, 'utf8')
  for (const { transaction } of sales) expect(written).toContain(transaction)
  await gateway.close()
  const later = await start({ paymentIdentifier: 'optional' }, options)
  expect(later.state.sales).toEqual(sales)
  expect((await send(later, plain)).status).toBe(402)
  expect(await (await send(later, named)).json()).toEqual(first)
  expect(later.state.counts().sales).toBe(2)
})

test('the latest sales are listed, all are counted, and a reset forgets them', async () => {
  const gateway = await start({}, { history: 2 })
  for (let bought = 0; bought < 3; bought += 1) await evmPayer().pay(at(gateway))
  expect(gateway.state.sales.map(({ id }) => id)).toEqual(['sale_2', 'sale_3'])
  expect(gateway.state.counts().sales).toBe(3)
  await gateway.state.reset()
  expect(gateway.state.sales).toEqual([])
  expect(gateway.state.counts().sales).toBe(0)
})

test.each([
  [{ prices: { weather: '$1' } }, "x402.prices must be like 'GET /weather', got 'weather'"],
  [{ prices: { 'GET /x': 'free' } }, 'x402.prices must be a dollar string'],
  [{ version: 3 as 2 }, 'x402.version must be 1 or 2'],
])('options that cannot be used are refused by name', async (x402, message) => {
  await expect(start(x402)).rejects.toThrow(message)
  await expect(start(x402)).rejects.toThrow(GatewayConfigError)
})
