import { x402HTTPClient } from '@x402/core/client'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/client'
import { wrapFetchWithPayment } from '@x402/fetch'
import { expect, test } from 'vitest'
import { createMockGateway } from './createMockGateway'
import { GatewayConfigError } from './GatewayConfigError'
import { networkOf } from './networks'
import type { MockGatewayOptions } from './options'
import { chat, decoded } from './testing/chat'
import { BASE, evmPayer, SOLANA, solanaPayer } from './testing/officialClients'
import { sendPayment, signPayment, termsOf } from './testing/payments'
import { startGateway } from './testing/startGateway'

test.each(['eip155:8453', 'eip155:84532'] as const)(
  'the official client pays on %s and gets an answer, a receipt and a token',
  async (network) => {
    const gateway = await startGateway({ networks: [network] })
    const { account, pay } = evmPayer()
    const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hello there'))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: 'hello there' } }],
    })
    expect(decoded(response, 'PAYMENT-RESPONSE')).toEqual({
      success: true,
      transaction: gateway.state.payments[0]?.transaction,
      network,
      payer: account.address,
      jwt: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    expect(gateway.state.counts()).toMatchObject({ payments: 1, requests: 2, settled: 1_000_000n })
  },
)

test.each([
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
] as const)(
  'the official client pays on %s and gets an answer, a receipt and a token',
  async (network) => {
    const gateway = await startGateway({ networks: [network] })
    const { account, pay } = await solanaPayer(gateway, network)
    const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hello there'))
    expect(response.status).toBe(200)
    expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
      success: true,
      network,
      payer: account.address,
    })
    expect(gateway.state.payments).toMatchObject([{ payer: account.address, amount: 1_000_000n }])
  },
)

test('without a blockhash in the terms the official Solana client fetches one from the chain RPC', async () => {
  const gateway = await startGateway({ blockhashHint: false })
  const { pay } = await solanaPayer(gateway)
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
  expect(response.status).toBe(200)
  expect(gateway.state.counts().rpc).toEqual({ getAccountInfo: 1, getLatestBlockhash: 1 })
})

test('the token from the receipt spends the credit without another payment', async () => {
  const gateway = await startGateway()
  const { pay } = evmPayer()
  const first = await pay(`${gateway.url}/v1/chat/completions`, chat('one'))
  const authorization = `Bearer ${decoded(first, 'PAYMENT-RESPONSE')?.jwt}`
  const second = await fetch(`${gateway.url}/v1/chat/completions`, {
    ...chat('two'),
    headers: { authorization },
  })
  expect(second.status).toBe(200)
  expect(second.headers.get('PAYMENT-RESPONSE')).toBeNull()
  expect(gateway.state.counts().payments).toBe(1)
})

test('a 402 offers every top-up on every network, with the right domain and fee payer', async () => {
  const gateway = await startGateway({
    networks: ['eip155:8453', 'eip155:84532', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
    topUps: ['$0.5', 20_000_000n],
  })
  const url = `${gateway.url}/v1/x402/chat?model=arouter/echo&message=hi`
  const response = await fetch(url)
  expect(response.status).toBe(402)
  const terms = decoded(response, 'PAYMENT-REQUIRED')
  expect(terms?.resource).toMatchObject({ url })
  const accepts = terms?.accepts as { network: string; amount: string; extra: object }[]
  expect(accepts.map(({ network, amount }) => `${network} ${amount}`)).toEqual([
    'eip155:8453 500000',
    'eip155:8453 20000000',
    'eip155:84532 500000',
    'eip155:84532 20000000',
    'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1 500000',
    'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1 20000000',
  ])
  expect(accepts[0]?.extra).toEqual({ name: 'USD Coin', version: '2' })
  expect(accepts[2]?.extra).toEqual({ name: 'USDC', version: '2' })
  expect(accepts[4]?.extra).toEqual({
    feePayer: expect.any(String),
    recentBlockhash: expect.any(String),
    lastValidBlockHeight: expect.stringMatching(/^\d+$/),
  })
  expect(await response.json()).toEqual({
    error: { message: 'payment required', type: 'payment_required' },
  })
})

test('a 402 can state its terms in the body only', async () => {
  const gateway = await startGateway({ challenge: 'body' })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, chat('hi'))
  expect(response.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect(await response.json()).toMatchObject({ x402Version: 2, accepts: { length: 8 } })
})

test('a 402 can state its terms in unpadded base64url', async () => {
  const gateway = await startGateway({ challenge: 'base64url', topUps: ['$1', '$2', '$3'] })
  const response = await fetch(`${gateway.url}/v1/chat/completions?q=%3F%3E`, chat('hi'))
  const header = response.headers.get('PAYMENT-REQUIRED') ?? ''
  expect(header).toMatch(/^[\w-]+$/)
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ x402Version: 2 })
})

test('a 402 can state no terms at all', async () => {
  const gateway = await startGateway({ challenge: 'none' })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, chat('hi'))
  expect(response.status).toBe(402)
  expect(response.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect(await response.json()).toEqual({
    error: { message: 'payment required', type: 'payment_required' },
  })
})

test('the official client pays version 1 terms with X-PAYMENT', async () => {
  const gateway = await startGateway({ challenge: 'v1', networks: ['eip155:8453'] })
  const { account, client } = evmPayer()
  client.registerV1('base', new ExactEvmSchemeV1(account))
  const pay = wrapFetchWithPayment(fetch, new x402HTTPClient(client))
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
  expect(response.status).toBe(200)
  expect(response.headers.get('PAYMENT-RESPONSE')).toBeNull()
  expect(decoded(response, 'X-PAYMENT-RESPONSE')).toMatchObject({
    success: true,
    network: 'base',
    payer: account.address,
  })
})

test.each([
  ['no-jwt', { success: true, payer: expect.any(String) }],
  ['none', undefined],
] as const)('with receipt %s the answer says no more than that', async (receipt, expected) => {
  const gateway = await startGateway({ receipt })
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
  expect(response.status).toBe(200)
  const found = decoded(response, 'PAYMENT-RESPONSE')
  if (expected) expect(found).toMatchObject(expected)
  expect(found?.jwt).toBeUndefined()
  expect(found === undefined).toBe(expected === undefined)
})

test('the in-process fetch serves the same gateway without a socket', async () => {
  const gateway = await startGateway()
  const { pay } = evmPayer(gateway.fetch)
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hello'))
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'hello' } }] })
  expect(gateway.state.counts().payments).toBe(1)
  expect((await gateway.fetch('/healthz')).status).toBe(200)
})

test('a thousand paid requests at once are all answered', async () => {
  const gateway = await startGateway()
  const { pay } = evmPayer(gateway.fetch)
  const first = await pay(`${gateway.url}/v1/chat/completions`, chat('one'))
  const authorization = `Bearer ${decoded(first, 'PAYMENT-RESPONSE')?.jwt}`
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () =>
      gateway.fetch('/v1/chat/completions', { ...chat('two'), headers: { authorization } }),
    ),
  )
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(gateway.state.conservation().every(({ holds }) => holds)).toBe(true)
})

test('the global Request and Response are left alone', async () => {
  const { Request: request, Response: response } = globalThis
  await startGateway()
  expect(globalThis.Request).toBe(request)
  expect(globalThis.Response).toBe(response)
})

test.each<[string, MockGatewayOptions]>([
  ['host must be a loopback address', { host: '0.0.0.0' }],
  ['topUps must hold at least one amount', { topUps: [] }],
  ["price must be a dollar string like '$1.25'", { price: '1.25' }],
  ['port must be a whole number', { port: 70_000 }],
  ['jwtTtl must be a whole number', { jwtTtl: 0 }],
  ['publicUrl is not a URL', { publicUrl: 'nowhere' }],
])('an unusable option is refused: %s', async (message, options) => {
  await expect(createMockGateway(options)).rejects.toThrow(message)
  await expect(createMockGateway(options)).rejects.toBeInstanceOf(GatewayConfigError)
})

test('an unknown network is refused by name', () => {
  expect(() => networkOf('eip155:1')).toThrow("unknown network 'eip155:1'")
})

test('a facilitator of one’s own settles, and says who pays for fees', async () => {
  const feePayer = '7EqQdEULxWcraVx3mXKFjc84LhCkMGZCkRuDpvcMwJeK'
  const settled: unknown[] = []
  let reason: string | undefined
  const facilitator: MockGatewayOptions['facilitator'] = {
    getSupported: async () => ({
      kinds: [{ x402Version: 2, scheme: 'exact', network: SOLANA, extra: { feePayer } }],
      extensions: [],
      signers: {},
    }),
    verify: async () => ({ isValid: true }),
    settle: async ({ payload }, { network }) => {
      settled.push(payload)
      if (reason) return { success: false, errorReason: reason, transaction: '', network }
      return { success: true, transaction: '0xabc', network }
    },
  }
  const gateway = await startGateway({ facilitator })
  const terms = await termsOf(gateway)
  expect(terms.accepts.find(({ network }) => network === SOLANA)?.extra.feePayer).toBe(feePayer)
  const payment = await signPayment(gateway, evmPayer())
  const paid = await sendPayment(gateway, payment)
  expect(decoded(paid, 'PAYMENT-RESPONSE')).toMatchObject({ success: true, transaction: '0xabc' })
  expect(settled).toEqual([payment.payload])
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  reason = 'out_of_gas'
  const refused = await sendPayment(gateway, await signPayment(gateway, evmPayer()))
  expect(decoded(refused, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: 'out_of_gas' })
  expect(gateway.state.counts()).toMatchObject({ payments: 1, settled: 1_000_000n })
})

test('says where it is paid, and what landed there', async () => {
  const gateway = await startGateway()
  const payers = [evmPayer(), await solanaPayer(gateway)]
  for (const [at, network] of ([BASE, SOLANA] as const).entries()) {
    expect(await gateway.state.transfers(network)).toEqual([])
    await payers[at]?.pay(`${gateway.url}/v1/chat/completions`, chat('hello'))
    const payment = gateway.state.payments[at]
    expect(await gateway.state.transfers(network)).toEqual([
      {
        transaction: payment?.transaction,
        from: payment?.payer,
        to: gateway.payTo[network],
        amount: 1_000_000n,
        height: expect.any(BigInt),
        ...(network === BASE && { nonce: payment?.nonce }),
      },
    ])
    expect(await gateway.state.balanceOf(network, gateway.payTo[network] ?? '')).toBe(1_000_000n)
  }
})

test('a seller of one’s own is paid on Solana, and the gateway is not', async () => {
  const gateway = await startGateway()
  const payTo = 'Vote111111111111111111111111111111111111111'
  const payer = await solanaPayer(gateway)
  const payment = await signPayment(gateway, payer, (terms) => ({
    ...terms,
    accepts: terms.accepts.map((offer) => ({ ...offer, payTo })),
  }))
  expect(await gateway.facilitator.settle(payment, payment.accepted)).toMatchObject({
    success: true,
  })
  expect(await gateway.state.transfers(SOLANA)).toMatchObject([
    { from: payer.account.address, to: payTo },
  ])
  expect(await gateway.state.balanceOf(SOLANA, gateway.payTo[SOLANA] ?? '')).toBe(0n)
})
