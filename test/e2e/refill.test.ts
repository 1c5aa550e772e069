import type { ARouterEvent, WalletOptions } from '@arouter/sdk'
import { memoryStore } from '@arouter/sdk'
import { expect, test, vi } from 'vitest'
import { HELLO, payingClient, startGateway } from '../support/harness'

/** A wallet with credit, and a client that has yet to look at how much. */
async function setUp(credit: bigint, options: WalletOptions = {}) {
  const gateway = await startGateway()
  const told: ARouterEvent[] = []
  const { client, signed, account, restart } = payingClient(gateway, {
    store: memoryStore(),
    topUp: '$5',
    events: (event) => void told.push(event),
    ...options,
  })
  await client.chatCompletion(HELLO)
  gateway.state.setCredit(account.address, credit)
  const creditLeft = () => gateway.state.tenants[0]?.balance ?? 0n
  const asked = () => gateway.state.requests.filter(({ path }) => path === '/api/v1/balance').length
  return { gateway, signed, told, creditLeft, asked, restart }
}

test('credit below the mark is topped up after a call, without making the call wait', async () => {
  const { signed, told, creditLeft, restart } = await setUp(1_999_999n)
  await restart({ topUpBelow: '$2' }).chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  const closed = () => told.filter(({ type }) => type === 'payment-closed').length
  await vi.waitFor(() => expect(closed()).toBe(2), 10_000)
  expect(signed.transfers).toBe(2)
  expect(creditLeft()).toBeGreaterThan(6_900_000n)
})

test('ten clients of one wallet that all see credit run low top up once', async () => {
  const { gateway, signed, creditLeft, asked, restart } = await setUp(1_000_000n)
  const clients = Array.from({ length: 10 }, () => restart({ topUpBelow: '$2' }))
  await Promise.all(clients.map((client) => client.chatCompletion(HELLO)))
  await vi.waitFor(() => expect(gateway.state.counts().payments).toBe(2), 10_000)
  await vi.waitFor(async () => {
    const books = await clients[0]?.payments.list()
    expect(books?.filter(({ state }) => state === 'settled')).toHaveLength(2)
    expect(books?.every(({ state }) => state === 'settled' || state === 'abandoned')).toBe(true)
    expect(asked()).toBeGreaterThanOrEqual(11)
  }, 20_000)
  expect(signed.transfers).toBe(2)
  expect(creditLeft()).toBeLessThan(6_000_000n)
})

test('credit at the mark is left alone', async () => {
  const { signed, asked, restart } = await setUp(3_000_000n)
  const client = restart({ topUpBelow: '$2' })
  await client.chatCompletion(HELLO)
  await vi.waitFor(() => expect(asked()).toBe(1))
  await client.chatCompletion(HELLO)
  expect(asked()).toBe(1) // Not at every call.
  expect(signed.transfers).toBe(1)
})

test('without a mark nobody asks for the balance', async () => {
  const { asked, restart } = await setUp(1n)
  await restart().chatCompletion(HELLO)
  expect(asked()).toBe(0)
})

test('a top-up ahead stays inside the budget, and says so', async () => {
  const { signed, told, restart } = await setUp(1_000_000n)
  await restart({ topUpBelow: '$2', budget: { limit: '$9' } }).chatCompletion(HELLO)
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ reason: 'budget_exceeded' }), 10_000)
  expect(told.at(-1)?.type).toBe('top-up-failed')
  expect(signed.transfers).toBe(1)
})

test('a gateway that does not tell the balance is never paid ahead', async () => {
  const { signed, told, restart, gateway } = await setUp(1_000_000n)
  const client = restart({ topUpBelow: '$2' }).cloneWith({
    customFetch: (input, init) =>
      String(input).endsWith('/balance')
        ? Promise.resolve(new Response('{"balance":"0"}'))
        : fetch(input, init),
  })
  await client.chatCompletion(HELLO)
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ reason: 'balance_unknown' }), 10_000)
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})
