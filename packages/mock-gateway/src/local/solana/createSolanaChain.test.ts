import { expect, test, vi } from 'vitest'
import type { MockGateway } from '../../createMockGateway'
import { createMockGateway } from '../../createMockGateway'
import { chat, decoded } from '../../testing/chat'
import { SOLANA, solanaPayer } from '../../testing/officialClients'
import { sendPayment, signPayment } from '../../testing/payments'
import { startGateway } from '../../testing/startGateway'
import { localChain } from '../localChain'
import { DEVNET, startOnSolana } from './testing'

const OWN_SELLER = 'Vote111111111111111111111111111111111111111'

/** The official client with a new wallet that has as much. */
const funded = async (
  { chain, gateway }: Pick<Awaited<ReturnType<typeof startOnSolana>>, 'chain' | 'gateway'>,
  amount = '$1',
) => {
  const payer = await solanaPayer(gateway)
  await chain.faucet(payer.account.address, amount)
  return payer
}

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

test('a wallet that nobody gave anything is refused', async () => {
  const { gateway, node } = await startOnSolana()
  const poor = await solanaPayer(gateway)
  const refused = await sendPayment(gateway, await signPayment(gateway, poor))
  expect(decoded(refused, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_svm_transaction_simulation_failed',
  })
  expect(await node.transfers()).toEqual([])
})

test('a seller of one’s own is paid through the gateway’s facilitator', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const payment = await signPayment(gateway, await funded(started), (terms) => ({
    ...terms,
    accepts: terms.accepts.map((offer) => ({ ...offer, payTo: OWN_SELLER })),
  }))
  const { facilitator } = gateway
  expect(await facilitator.settle(payment, payment.accepted)).toMatchObject({ success: true })
  expect(await node.balanceOf(OWN_SELLER)).toBe(1_000_000n)
})

test('a balance can be set up and down', async () => {
  const { gateway } = await startOnSolana()
  const payer = await solanaPayer(gateway)
  await gateway.state.setBalance(SOLANA, payer.account.address, '$2')
  await gateway.state.setBalance(SOLANA, payer.account.address, '$0.5')
  const payment = await signPayment(gateway, payer)
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  await gateway.state.setBalance(SOLANA, payer.account.address, '$1')
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})

test('fifty payments at once settle once each, however often each is sent', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const payer = await funded(started, '$50')
  const payments = await Promise.all(Array.from({ length: 50 }, () => signPayment(gateway, payer)))
  const responses = await Promise.all(
    payments.flatMap((payment) => [sendPayment(gateway, payment), sendPayment(gateway, payment)]),
  )
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(50)
  expect(await node.transfers()).toHaveLength(50)
  expect(gateway.state.counts()).toMatchObject({ payments: 50, settled: 50_000_000n })
})

test('settle-late lands on the next advance, and its payment is credited then', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const payment = await signPayment(gateway, await funded(started))
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
  const started = await startOnSolana()
  const { gateway, node } = started
  const payment = await signPayment(gateway, await funded(started))
  gateway.faults.next('third-party-settles')
  const response = await sendPayment(gateway, payment)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({
    errorReason: 'invalid_exact_svm_transaction_simulation_failed',
  })
  expect(gateway.state.payments).toMatchObject([{ amount: 1_000_000n, credited: 0n }])
  expect(await node.transfers()).toHaveLength(1)
})

test('the RPC of the gateway is that of the chain, errors and faults included', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const slot = (await (await ask(gateway, 'getSlot')).json()).result
  expect(slot).toBeGreaterThanOrEqual(Number(await node.height()) - 5)
  const params = [{ minContextSlot: slot + 1000 }]
  expect(await (await ask(gateway, 'getSlot', params)).json()).toMatchObject({
    error: { code: -32016, data: { contextSlot: expect.any(Number) } },
  })
  gateway.faults.next('rpc-5xx')
  expect((await ask(gateway, 'getSlot')).status).toBe(503)
  // The facilitator asks the node itself.
  const { pay } = await funded(started)
  gateway.faults.next('rpc-error', { times: 2 })
  expect(await (await ask(gateway, 'getSlot')).json()).toMatchObject({ error: { code: -32000 } })
  gateway.faults.clear()
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
})

test('where balances are unlimited, whoever pays has a billion dollars', async () => {
  const { gateway, node } = await startOnSolana({ balances: 'unlimited' })
  const payer = await solanaPayer(gateway)
  const payments = await Promise.all(Array.from({ length: 5 }, () => signPayment(gateway, payer)))
  const responses = await Promise.all(payments.map((payment) => sendPayment(gateway, payment)))
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  expect(await node.balanceOf(payer.account.address)).toBe(999_999_995_000_000n)
})

test('a transaction that is dropped never lands, and none takes its place', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const payer = await funded(started, '$2')
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  for (const fault of ['tx-dropped', 'tx-replaced'] as const) {
    gateway.faults.next(fault)
    const dropped = await sendPayment(gateway, await signPayment(gateway, payer))
    expect(decoded(dropped, 'PAYMENT-RESPONSE')).toMatchObject({
      errorReason: 'settlement_pending',
    })
  }
  quiet.mockRestore()
  await gateway.state.advance({ blocks: 3 })
  expect(await node.transfers()).toEqual([])
})

test('a reorg undoes what landed, keeps what the faucet gave, and it lands again on advance', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const { account, pay } = await funded(started, '$10')
  gateway.faults.next('reorg', { blocks: 1, after: 0 })
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
  await expect.poll(() => node.transfers()).toHaveLength(1)
  const [landed] = await node.transfers()
  const late = await funded(started)
  await node.reorg(10)
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(account.address)).toBe(10_000_000n)
  expect(await node.balanceOf(late.account.address)).toBe(1_000_000n)
  await node.advance(1)
  expect(await node.transfers()).toMatchObject([{ transaction: landed?.transaction }])
})

test('what is final trails by as much as it is told', async () => {
  const started = await startOnSolana()
  const { gateway } = started
  const slot = async (commitment: string) =>
    (await (await ask(gateway, 'getSlot', [{ commitment }])).json()).result
  await gateway.state.advance({ blocks: 100 })
  gateway.faults.next('finality-late', { blocks: 50 })
  const { pay } = await funded(started)
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
  const final = await slot('finalized')
  expect((await slot('processed')) - final).toBeGreaterThanOrEqual(50)
  expect((await slot('processed')) - final).toBeLessThan(75)
})

test('fifty payments while blocks are undone land once each', async () => {
  const started = await startOnSolana()
  const { gateway, node } = started
  const payer = await funded(started, '$50')
  const payments = await Promise.all(Array.from({ length: 50 }, () => signPayment(gateway, payer)))
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  gateway.faults.random({ reorg: 0.2, 'settle-late': 0.1 }, 7)
  await Promise.all(payments.map((payment) => sendPayment(gateway, payment)))
  quiet.mockRestore()
  await expect
    .poll(async () => {
      await gateway.state.advance({ blocks: 1 })
      return (await node.transfers()).length
    })
    .toBe(50)
  expect(await node.balanceOf(payer.account.address)).toBe(0n)
  expect(gateway.state.counts()).toMatchObject({ payments: 50, credited: 50_000_000n })
})

test('nothing of a chain on one’s own machine is open to those who pay', async () => {
  const { gateway, node } = await startOnSolana()
  const { account } = await solanaPayer(gateway)
  const params = [account.address, '1000000']
  expect(await (await ask(gateway, 'local_faucet', params)).json()).toMatchObject({
    error: { code: -32601 },
  })
  expect(await node.balanceOf(account.address)).toBe(0n)
})

test('a reset undoes what was paid, and the gateway takes payments again', async () => {
  const started = await startOnSolana()
  const { chain, gateway, node } = started
  const { account, pay } = await funded(started)
  await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))
  await gateway.state.reset()
  expect(await node.transfers()).toEqual([])
  expect(await node.balanceOf(account.address)).toBe(0n)
  await chain.faucet(account.address, '$1')
  expect((await pay(`${gateway.url}/v1/chat/completions`, chat('pay'))).status).toBe(200)
  expect(await node.transfers()).toHaveLength(1)
})

test('the chain follows the gateway’s clock, its settlements too', async () => {
  let now = Date.now() + 86_400_000
  const started = await startOnSolana({ clock: () => now })
  const { gateway, node } = started
  const slot = (await (await ask(gateway, 'getSlot')).json()).result
  const time = (await (await ask(gateway, 'getBlockTime', [slot])).json()).result
  expect(Math.abs(time - now / 1000)).toBeLessThan(10)
  const payment = await signPayment(gateway, await funded(started))
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  gateway.faults.next('settle-late', { after: 20_000 })
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  quiet.mockRestore()
  expect(await node.transfers()).toEqual([])
  now += 20_000
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})

test('a chain in another process outlives the gateway, which settles there again', async () => {
  const chain = localChain()
  const nodes = await chain.start([SOLANA])
  const payTo = { [SOLANA]: OWN_SELLER }
  const open = () =>
    createMockGateway({ chain: localChain({ nodes }), networks: [SOLANA], payTo, topUps: ['$1'] })
  const first = await open()
  const payer = await solanaPayer(first)
  await chain.faucet(payer.account.address, '$1')
  const payment = await signPayment(first, payer)
  await first.close()
  const second = await startGateway({
    chain: localChain({ nodes }),
    networks: [SOLANA],
    payTo,
    topUps: ['$1'],
  })
  expect((await sendPayment(second, payment)).status).toBe(200)
  expect(await chain.node(SOLANA).balanceOf(OWN_SELLER)).toBe(1_000_000n)
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  second.faults.next('settle-late')
  const late = await signPayment(second, await funded({ chain, gateway: second }))
  expect((await sendPayment(second, late)).status).toBe(402)
  quiet.mockRestore()
  await second.state.advance({ blocks: 1 })
  expect((await sendPayment(second, late)).status).toBe(200)
  await chain.close()
})

test('an address where no such chain runs is refused', async () => {
  const { node } = await startOnSolana()
  const on = (nodes: Record<string, string>, network: typeof SOLANA | typeof DEVNET) =>
    createMockGateway({ chain: localChain({ nodes }), networks: [network] })
  await expect(on({ [DEVNET]: node.url }, DEVNET)).rejects.toThrow(`is not ${DEVNET}`)
  await expect(on({ [SOLANA]: 'http://127.0.0.1:1' }, SOLANA)).rejects.toThrow(
    `no local chain of ${SOLANA} answers`,
  )
})
