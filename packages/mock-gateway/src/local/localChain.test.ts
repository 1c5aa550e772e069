import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createMockGateway } from '../createMockGateway'
import { GatewayConfigError } from '../GatewayConfigError'
import { chat } from '../testing/chat'
import { BASE, evmPayer } from '../testing/officialClients'
import { startGateway } from '../testing/startGateway'
import { jsonRpc } from './jsonRpc'
import { localChain } from './localChain'

const SEPOLIA = 'eip155:84532'
const isUp = (url: string) =>
  jsonRpc(url)('eth_chainId').then(
    () => true,
    () => false,
  )

test('gateways share a chain, and the last one ends it', async () => {
  const chain = localChain()
  const options = { chain, networks: [BASE] } as const
  const [first, second] = await Promise.all([
    createMockGateway(options),
    createMockGateway(options),
  ])
  const { url } = chain.node(BASE)
  await first.close()
  expect(await isUp(url)).toBe(true)
  await second.close()
  expect(await isUp(url)).toBe(false)
  expect(() => chain.node(BASE)).toThrow(GatewayConfigError)
  await expect(chain.faucet(evmPayer().account.address, '$1')).rejects.toThrow(GatewayConfigError)
})

test('a chain that was started outlives a gateway, and another gateway goes on with it', async () => {
  const chain = localChain()
  const nodes = await chain.start([BASE, SEPOLIA])
  const payer = evmPayer()
  await chain.faucet(payer.account.address, '$2')
  for (const source of [chain, localChain({ nodes })]) {
    const gateway = await createMockGateway({ chain: source, networks: [BASE], topUps: ['$1'] })
    const { status } = await payer.pay(`${gateway.url}/v1/chat/completions`, chat('hello'))
    await gateway.close()
    expect(status).toBe(200)
  }
  expect(await chain.node(BASE).balanceOf(payer.account.address)).toBe(0n)
  expect(await chain.node(SEPOLIA).balanceOf(payer.account.address)).toBe(2_000_000n)
  await chain.close()
  expect(await isUp(nodes[BASE] ?? '')).toBe(false)
})

test('a gateway whose port is taken leaves no chain behind', async () => {
  const taken = await startGateway()
  const chain = localChain()
  const port = Number(new URL(taken.url).port)
  await expect(createMockGateway({ chain, networks: [BASE], port })).rejects.toThrow('EADDRINUSE')
  expect(() => chain.node(BASE)).toThrow(GatewayConfigError)
})

test('a gateway that was killed before it put a payment down finds it on the chain, once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'arouter-gateway-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [stateFile, before] = [join(folder, 'state.json'), join(folder, 'before.json')]
  const chain = localChain()
  onTestFinished(chain.close)
  await chain.start([BASE])
  const options = { chain, networks: [BASE], stateFile } as const
  const payer = evmPayer()
  await chain.faucet(payer.account.address, '$1')
  const first = await createMockGateway(options)
  await copyFile(stateFile, before)
  await payer.pay(`${first.url}/v1/chat/completions`, chat('hello'))
  const [paid] = first.state.payments
  await first.close()
  await copyFile(before, stateFile)
  for (let restart = 0; restart < 2; restart += 1) {
    const gateway = await createMockGateway(options)
    expect(gateway.state.payments).toMatchObject([
      {
        transaction: paid?.transaction,
        nonce: paid?.nonce,
        amount: 1_000_000n,
        credited: 1_000_000n,
      },
    ])
    expect(gateway.state.tenants).toMatchObject([
      { subject: payer.account.address, balance: 1_000_000n },
    ])
    await gateway.close()
  }
})

test('books are kept only where the chain is too', async () => {
  const chain = localChain()
  const stateFile = join(tmpdir(), `never-written-${crypto.randomUUID()}.json`)
  const open = createMockGateway({ chain, networks: [BASE], stateFile })
  await expect(open).rejects.toThrow('stateFile needs a chain that outlives the gateway')
  expect(() => chain.node(BASE)).toThrow(GatewayConfigError)
})
