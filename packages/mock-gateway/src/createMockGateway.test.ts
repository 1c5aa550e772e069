import { afterEach, expect, test } from 'vitest'
import type { MockGateway } from './createMockGateway'
import { createMockGateway } from './createMockGateway'
import type { MockGatewayOptions } from './options'
import { chat, decoded } from './testing/chat'
import { BASE, evmPayer, SOLANA, solanaPayer } from './testing/officialClients'

const open: MockGateway[] = []
const start = async (options?: MockGatewayOptions) => {
  const gateway = await createMockGateway(options)
  open.push(gateway)
  return gateway
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()))
})

test('the official EVM client pays and gets an answer, a receipt and a token', async () => {
  const gateway = await start()
  const { account, pay } = evmPayer()
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hello there'))
  expect(response.status).toBe(200)
  const answer = await response.json()
  expect(answer.choices[0].message.content).toBe('hello there')
  const receipt = decoded(response, 'PAYMENT-RESPONSE')
  expect(receipt).toMatchObject({ success: true, network: BASE, payer: account.address })
  expect(gateway.state.counts()).toMatchObject({ payments: 1, requests: 2, settled: 1_000_000n })
})

test('the official Solana client pays and gets an answer, a receipt and a token', async () => {
  const gateway = await start()
  const { account, pay } = await solanaPayer(gateway)
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hello there'))
  expect(await response.json()).toMatchObject({
    choices: [{ message: { content: 'hello there' } }],
  })
  const receipt = decoded(response, 'PAYMENT-RESPONSE')
  expect(receipt).toMatchObject({ success: true, network: SOLANA, payer: account.address })
  expect(gateway.state.payments).toMatchObject([{ payer: account.address, amount: 1_000_000n }])
})
