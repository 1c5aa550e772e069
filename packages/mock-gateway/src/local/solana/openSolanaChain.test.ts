import { expect, test, vi } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { chat, decoded } from '../../testing/chat'
import { SOLANA, solanaPayer } from '../../testing/officialClients'
import { sendPayment, signPayment } from '../../testing/payments'
import { startOnSolana } from './testing'

const OWN_SELLER = 'Vote111111111111111111111111111111111111111'

const ask = async (gateway: MockGateway, method: string, params: readonly unknown[] = []) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  return fetch(gateway.rpc[SOLANA] ?? '', { method: 'POST', body })
}

test('a payment is settled on the chain, to the balances that the gateway tells', async () => {
  const { gateway, node } = await startOnSolana({ balances: {} })
  const { account, pay } = await solanaPayer(gateway)
  await gateway.state.setBalance(SOLANA, account.address, '$3')
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  expect(response.status).toBe(200)
  const [payment] = gateway.state.payments
  expect(await node.transfers()).toMatchObject([
    { transaction: payment?.transaction, from: account.address, amount: 1_000_000n },
  ])
  expect(await gateway.state.balanceOf(SOLANA, account.address)).toBe(2_000_000n)
  expect(await node.balanceOf(account.address)).toBe(2_000_000n)
})

test('a wallet that nobody gave anything pays where balances are unlimited, and else is refused', async () => {
  const rich = await startOnSolana()
  const { pay } = await solanaPayer(rich.gateway)
  expect((await pay(`${rich.gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
  const poor = await startOnSolana({ balances: {} })
  const payment = await signPayment(poor.gateway, await solanaPayer(poor.gateway))
  const refused = await sendPayment(poor.gateway, payment)
  expect(decoded(refused, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_svm_transaction_simulation_failed',
  })
})

test('a seller of one’s own is paid through the gateway’s facilitator', async () => {
  const { gateway, node } = await startOnSolana()
  const payment = await signPayment(gateway, await solanaPayer(gateway), (terms) => ({
    ...terms,
    accepts: terms.accepts.map((offer) => ({ ...offer, payTo: OWN_SELLER })),
  }))
  const { facilitator } = gateway
  expect(await facilitator.settle(payment, payment.accepted)).toMatchObject({ success: true })
  expect(await node.balanceOf(OWN_SELLER)).toBe(1_000_000n)
})

test('a balance that was set is not made up, and can be set again', async () => {
  const { gateway } = await startOnSolana()
  const payer = await solanaPayer(gateway)
  await gateway.state.setBalance(SOLANA, payer.account.address, '$0')
  const payment = await signPayment(gateway, payer)
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  await gateway.state.setBalance(SOLANA, payer.account.address, '$1')
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})

test('fifty payments at once settle once each, however often each is sent', async () => {
  const { gateway, node } = await startOnSolana()
  const payer = await solanaPayer(gateway)
  const payments = await Promise.all(Array.from({ length: 50 }, () => signPayment(gateway, payer)))
  const responses = await Promise.all(
    payments.flatMap((payment) => [sendPayment(gateway, payment), sendPayment(gateway, payment)]),
  )
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
  expect(await node.transfers()).toHaveLength(50)
  expect(gateway.state.counts()).toMatchObject({ payments: 50, settled: 50_000_000n })
})

test('settle-late lands on the next advance, and its payment is credited then', async () => {
  const { gateway, node } = await startOnSolana()
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  // The official Solana scheme writes to the console when a confirmation does not come.
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  gateway.faults.next('settle-late')
  const pending = decoded(await sendPayment(gateway, payment), 'PAYMENT-RESPONSE')
  quiet.mockRestore()
  expect(pending).toMatchObject({ success: false, errorReason: 'settlement_pending' })
  expect(await node.transfers()).toEqual([])
  await gateway.state.advance({ blocks: 1 })
  const landed = await sendPayment(gateway, payment)
  expect(landed.status).toBe(200)
  expect(decoded(landed, 'PAYMENT-RESPONSE')).toMatchObject({
    success: true,
    transaction: pending?.transaction,
  })
  expect(await node.transfers()).toHaveLength(1)
})

test('third-party-settles moves the money and credits nobody', async () => {
  const { gateway, node } = await startOnSolana()
  const payment = await signPayment(gateway, await solanaPayer(gateway))
  gateway.faults.next('third-party-settles')
  const response = await sendPayment(gateway, payment)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_svm_transaction_simulation_failed',
  })
  expect(gateway.state.payments).toMatchObject([{ amount: 1_000_000n, credited: 0n }])
  expect(await node.transfers()).toHaveLength(1)
})

test('the RPC of the gateway is that of the chain, errors and faults included', async () => {
  const { gateway, node } = await startOnSolana()
  const slot = (await (await ask(gateway, 'getSlot')).json()).result
  expect(slot).toBeGreaterThanOrEqual(Number(await node.height()) - 5)
  const params = [{ minContextSlot: slot + 1000 }]
  expect(await (await ask(gateway, 'getSlot', params)).json()).toMatchObject({
    error: { code: -32016, data: { contextSlot: expect.any(Number) } },
  })
  gateway.faults.next('rpc-5xx')
  expect((await ask(gateway, 'getSlot')).status).toBe(503)
  // The facilitator asks the node itself.
  const { pay } = await solanaPayer(gateway)
  gateway.faults.next('rpc-error', { times: 2 })
  expect(await (await ask(gateway, 'getSlot')).json()).toMatchObject({ error: { code: -32000 } })
  gateway.faults.clear()
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
})

test('a reset undoes what was paid, and the gateway takes payments again', async () => {
  const { gateway, node } = await startOnSolana()
  const { account, pay } = await solanaPayer(gateway)
  await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  await gateway.state.reset()
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(account.address)).toBe(0n)
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
  expect(await node.transfers()).toHaveLength(1)
})
