import { expect, test } from 'vitest'
import { HELLO, payingClient, startGateway } from '../support/harness'

test('a wallet new to a gateway takes three round trips: sign in, 402, pay', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway)
  const answer = await client.chatCompletion(HELLO)
  expect(answer.choices[0]?.message.content).toContain('gpt-4o')
  expect(gateway.state.requests.map(({ path, status }) => [path, status])).toEqual([
    ['/v1/x402/auth', 200],
    ['/v1/chat/completions', 402],
    ['/v1/chat/completions', 200],
  ])
  expect(signed).toEqual({ transfers: 1, messages: 1 })
  expect(gateway.state.counts()).toMatchObject({ payments: 1, settled: 1_000_000n, signIns: 1 })
})

test('with sign-in off a new wallet takes two round trips and one signature', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' })
  await client.chatCompletion(HELLO)
  expect(gateway.state.requests.map(({ status }) => status)).toEqual([402, 200])
  expect(signed).toEqual({ transfers: 1, messages: 0 })
})

test('a warm call is one round trip, without a signature', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' })
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(gateway.state.requests.map(({ status }) => status)).toEqual([402, 200, 200])
  expect(signed.transfers).toBe(1)
})

test('after a restart with credit left, a call takes two round trips and pays nothing', async () => {
  const gateway = await startGateway()
  const { client, restart } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  const before = gateway.state.requests.length
  await restart().chatCompletion(HELLO)
  expect(gateway.state.requests.slice(before).map(({ path }) => path)).toEqual([
    '/v1/x402/auth',
    '/v1/chat/completions',
  ])
  expect(gateway.state.counts().payments).toBe(1)
})

test('ten restarts with credit left pay nothing', async () => {
  const gateway = await startGateway()
  const { restart } = payingClient(gateway)
  for (let i = 0; i < 10; i++) await restart().chatCompletion(HELLO)
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 10 })
})

test('a gateway without a sign-in endpoint is paid all the same, and asked only once', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  const { client } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1 + 1)
  expect(gateway.state.requests.filter(({ path }) => path === '/v1/x402/auth')).toHaveLength(1)
})

test('an expired token is renewed by one sign-in and no payment', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'auto' })
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  const before = gateway.state.requests.length
  await client.chatCompletion(HELLO)
  expect(gateway.state.requests.slice(before).map(({ status }) => status)).toEqual([401, 200, 200])
  expect(signed).toEqual({ transfers: 1, messages: 2 })
})

test('used-up credit is topped up by one payment', async () => {
  const gateway = await startGateway({ price: '$0.50' })
  const { client, signed } = payingClient(gateway)
  for (let i = 0; i < 3; i++) await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts()).toMatchObject({ payments: 2, settled: 2_000_000n })
})
