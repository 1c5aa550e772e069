import { ARouter, memoryStore, withX402EvmPayment, withX402SolanaPayment } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

test.each(['header', 'base64url', 'body', 'v1'] as const)(
  'a 402 in the form %s is paid once',
  async (form) => {
    const gateway = await startGateway({ challenge: form })
    const { client, signed } = payingClient(gateway)
    const answer = await client.chatCompletion(HELLO)
    expect(answer.object).toBe('chat.completion')
    await client.chatCompletion(HELLO)
    expect(signed.transfers).toBe(1)
    expect(gateway.state.counts().payments).toBe(1)
  },
)

test('a 402 of x402 v1 is paid on Solana', async () => {
  const gateway = await startGateway({ challenge: 'v1' })
  const client = withX402SolanaPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '' }),
    Keypair.generate(),
    undefined,
    { store: memoryStore() },
  )
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
})

test('a 402 without terms is an error that says so, and nothing is signed', async () => {
  const gateway = await startGateway({ challenge: 'none' })
  const { client, signed } = payingClient(gateway)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_credits',
    fundsMoved: 'no',
  })
  const raw = await client.fetch('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(HELLO),
  })
  expect(raw.status).toBe(402)
  expect(await raw.json()).toMatchObject({ error: { type: 'payment_required' } })
  expect(signed.transfers).toBe(0)
})

test.each([
  ['no base64', '%%%'],
  ['no JSON', Buffer.from('not json').toString('base64')],
  ['a list', Buffer.from('[]').toString('base64')],
  ['version 3', Buffer.from('{"x402Version":3,"accepts":[]}').toString('base64')],
  ['without offers', Buffer.from('{"x402Version":2}').toString('base64')],
  ['too large', 'A'.repeat(30_000)],
])('a PAYMENT-REQUIRED that is %s is a typed error, and nothing is signed', async (_, header) => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' }, { maxRetries: 0 })
  gateway.faults.next('bad-challenge', { header })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'no' })
  expect(signed).toEqual({ transfers: 0, messages: 0 })
})

test('after a 402 that could not be read the client works on', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { signIn: 'never' })
  gateway.faults.next('bad-challenge', { header: '%%%' })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'invalid_payment_required',
  })
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
})

test('topUp buys the smallest offer at or above it', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { topUp: '$2' })
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().settled).toBe(5_000_000n)
})

test('a payment over the budget is not signed', async () => {
  const gateway = await startGateway({ price: '$1' })
  const { client, signed } = payingClient(gateway, { budget: { limit: '$2', window: '1h' } })
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'budget_exceeded',
    fundsMoved: 'no',
    context: { amount: '1000000', left: '0', limit: '2000000' },
  })
  expect(signed.transfers).toBe(2)
})

test('a payment over the limit of one origin is not signed, and another origin is still paid', async () => {
  const gateway = await startGateway({ price: '$1' })
  const other = await startGateway()
  const store = memoryStore()
  const { client, account, signed } = payingClient(gateway, { store, budget: { perOrigin: '$1' } })
  await client.chatCompletion(HELLO)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'budget_exceeded' })
  const elsewhere = withX402EvmPayment(new ARouter({ baseURL: other.url }), account, { store })
  await elsewhere.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
})

test.each([
  ['says no', () => false],
  ['throws', () => Promise.reject(new Error('no screen'))],
  ['gives anything but true', () => 'yes' as unknown as boolean],
])('nothing is signed when approve %s', async (_, approve) => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { approve })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'approval_denied',
    fundsMoved: 'no',
  })
  expect(signed.transfers).toBe(0)
  expect((await client.budget.status())[0]).toMatchObject({ reserved: 0n, spent: 0n })
})

test('a wallet that declines is a typed error with its code, and can be asked again', async () => {
  const gateway = await startGateway()
  const { account, client } = payingClient(gateway)
  const sign = account.signTypedData
  account.signTypedData = async () => {
    throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
  }
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'wallet_rejected',
    fundsMoved: 'no',
    context: { walletCode: 4001 },
  })
  account.signTypedData = sign
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
})

test.each([-24, -1, 1, 24])('a clock %i hours off still signs in and pays', async (hours) => {
  const gateway = await startGateway({ clockSkew: hours * 3_600_000 })
  const { client } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
})
