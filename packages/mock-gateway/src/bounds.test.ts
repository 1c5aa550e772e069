import { expect, test } from 'vitest'
import { chat, decoded, withHeaders } from './testing/chat'
import { evmPayer, solanaPayer } from './testing/officialClients'
import { sendPayment, signPayment } from './testing/payments'
import { startGateway } from './testing/startGateway'

const path = '/v1/chat/completions'

test('lists keep the latest, and totals, books, limits and usage count everything', async () => {
  const keyed = { lr_live_a: { balance: '$5', limit: '$4', account: 'a' } } as const
  const managed = { lr_mgmt_a: { balance: 0n, account: 'a' } } as const
  const gateway = await startGateway({
    history: 3,
    price: '$0.1',
    apiKeys: { ...keyed, ...managed },
  })
  for (let i = 0; i < 10; i += 1) {
    expect((await fetch(`${gateway.url}${path}?key=lr_live_a`, chat(`call ${i}`))).status).toBe(200)
  }
  const { state } = gateway
  expect(state.requests).toHaveLength(3)
  expect(state.ledger).toHaveLength(3)
  expect(state.counts()).toMatchObject({ requests: 10, charged: 1_000_000n })
  expect(state.conservation()).toMatchObject([
    { credits: 5_000_000n, usage: 1_000_000n, balance: 4_000_000n, holds: true },
  ])
  const key = await (await fetch(`${gateway.url}/v1/key?key=lr_live_a`)).json()
  expect(key.data).toMatchObject({ usage: 1, usage_daily: 1, limit_remaining: 3 })
  const usage = await (await fetch(`${gateway.url}/api/usage/summary?key=lr_mgmt_a`)).json()
  expect(usage).toMatchObject({ total_requests: 10, estimated_cost_usd: 1 })
  expect(usage.by_model).toMatchObject([{ model: 'arouter/echo', requests: 10 }])
  const listed = await (await fetch(`${gateway.url}/api/v1/transactions?key=lr_live_a`)).json()
  expect(listed.transactions).toHaveLength(3)
})

test('a payment that the lists have forgotten is refused when it comes again', async () => {
  const gateway = await startGateway({ history: 2 })
  const payments = []
  for (const payer of [evmPayer(), await solanaPayer(gateway)]) {
    const payment = await signPayment(gateway, payer)
    expect((await sendPayment(gateway, payment)).status).toBe(200)
    payments.push(payment)
  }
  for (let i = 0; i < 3; i += 1) {
    const others = [evmPayer(), await solanaPayer(gateway)]
    for (const { pay } of others) await (await pay(`${gateway.url}${path}`, chat('x'))).text()
  }
  expect(gateway.state.payments).toHaveLength(2)
  for (const payment of payments) {
    const again = await sendPayment(gateway, payment)
    expect(again.status).toBe(402)
    expect(decoded(again, 'PAYMENT-RESPONSE')).toMatchObject({ success: false })
  }
  expect(gateway.state.counts()).toMatchObject({
    payments: 8,
    settled: 8_000_000n,
    credited: 8_000_000n,
  })
  expect(gateway.state.conservation().every(({ holds }) => holds)).toBe(true)
})

test('RPC methods beyond a hundred are counted together', async () => {
  const gateway = await startGateway({ networks: ['eip155:8453'] })
  for (let i = 0; i < 120; i += 1) {
    const call = { jsonrpc: '2.0', id: 1, method: `made_up_${i}`, params: [] }
    await fetch(gateway.rpc['eip155:8453'] ?? '', { method: 'POST', body: JSON.stringify(call) })
  }
  expect(gateway.state.counts().rpc).toMatchObject({ made_up_0: 1, other: 20 })
})

test('a token outlives what the lists have forgotten', async () => {
  const gateway = await startGateway({ history: 1 })
  const paid = await evmPayer().pay(`${gateway.url}${path}`, chat('x'))
  const headers = { authorization: `Bearer ${decoded(paid, 'PAYMENT-RESPONSE')?.jwt}` }
  await evmPayer().pay(`${gateway.url}${path}`, chat('x'))
  expect((await fetch(`${gateway.url}${path}`, withHeaders(chat('x'), headers))).status).toBe(200)
})
