import type { MockGateway } from '@arouter/mock-gateway'
import { ARouter, memoryStore, type WalletOptions, withX402SolanaPayment } from '@arouter/sdk'
import { verifyReceipt } from '@arouter/sdk/receipt'
import { walletStandardSigner } from '@arouter/x402-solana'
import { phantomSigner } from '@arouter/x402-solana/phantom'
import { Keypair } from '@solana/web3.js'
import { expect, test, vi } from 'vitest'
import { startOnSolana } from '../../packages/mock-gateway/src/local/solana/testing'
import { failure, HELLO } from '../support/harness'
import { phantomDouble, standardWalletDouble } from '../support/solanaWalletDoubles'

type Signer = Parameters<typeof withX402SolanaPayment>[1]

/** A wallet with five dollars on a gateway whose chain is real; each `open` is the same wallet in a new client. */
async function walletOnSolana(
  options: WalletOptions = {},
  gatewayOptions: Parameters<typeof startOnSolana>[0] = {},
  signer: Signer & { readonly publicKey: { toBase58(): string } } = Keypair.generate(),
) {
  const { gateway, node } = await startOnSolana({ balances: {}, ...gatewayOptions })
  const address = signer.publicKey.toBase58()
  await node.faucet(address, 5_000_000n)
  const store = memoryStore()
  const open = () => payer(gateway, signer, { store, rpc: gateway.rpc, ...options })
  return {
    gateway,
    node,
    address,
    open,
    spent: async () => 5_000_000n - (await node.balanceOf(address)),
  }
}

const payer = (gateway: MockGateway, signer: Signer, options: WalletOptions) =>
  withX402SolanaPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '', maxRetries: 0 }),
    signer,
    undefined,
    options,
  )

test('a payment moves the money once, and the chain confirms its receipt', async () => {
  const { gateway, node, address, open, spent } = await walletOnSolana()
  const client = open()
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO)
  expect(await spent()).toBe(1_000_000n)
  const [payment] = await client.payments.list()
  expect(await node.transfers()).toMatchObject([
    { transaction: payment?.transaction, from: address, to: payment?.payTo, amount: 1_000_000n },
  ])
  if (!payment) throw new Error('nothing was paid')
  expect(await verifyReceipt(payment, { rpc: gateway.rpc })).toEqual({
    status: 'confirmed',
    reasons: [],
  })
  const claimed = { ...payment, amount: 2_000_000n }
  expect((await verifyReceipt(claimed, { rpc: gateway.rpc })).status).toBe('contradicted')
})

test.each([0, 1, 2])('wallets that add %i Lighthouse guards pay on the chain', async (guards) => {
  const { gateway, node } = await startOnSolana({ balances: {} })
  const standard = await walletStandardSigner(standardWalletDouble({ guards }).wallet)
  const injected = await phantomSigner(phantomDouble({ guards }).provider)
  for (const wallet of [standard, injected]) {
    await node.faucet(wallet.address, 1_000_000n)
    await payer(gateway, wallet, { store: memoryStore(), signIn: 'never' }).chatCompletion(HELLO)
    expect(await node.balanceOf(wallet.address)).toBe(0n)
  }
  expect(await node.transfers()).toHaveLength(2)
})

test('a lost answer is found on the chain: what landed is paid', async () => {
  const { gateway, open, spent } = await walletOnSolana({}, { signIn: 'off', blockhashHint: false })
  gateway.faults.next('drop-after-settle')
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({
    code: 'paid_but_failed',
    fundsMoved: 'yes',
  })
  expect(await spent()).toBe(1_000_000n)
})

test('while it is not final, a payment that landed is neither paid nor dead', async () => {
  const { gateway, node, open, spent } = await walletOnSolana({}, { signIn: 'off' })
  node.setFinality(32)
  await node.advance(40)
  gateway.faults.next('drop-after-settle')
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  expect(await open().payments.reconcile()).toMatchObject([{ state: 'unknown' }])
  await node.advance(32)
  expect(await open().payments.reconcile()).toMatchObject([
    { state: 'settled', settledBy: 'chain' },
  ])
  expect(await spent()).toBe(1_000_000n)
})

test('a payment that expired unused is released, and the next call pays anew', async () => {
  const { gateway, node, open, spent } = await walletOnSolana()
  gateway.faults.next('drop-after-verify', { times: 50 })
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ code: 'payment_unconfirmed' })
  gateway.faults.clear()
  await node.advance(152)
  const client = open()
  await client.chatCompletion(HELLO)
  expect((await client.payments.list()).map(({ state }) => state).sort()).toEqual([
    'dead',
    'settled',
  ])
  expect(await spent()).toBe(1_000_000n)
})

test('a payment that was broadcast and dropped is never made a second time while it may land', async () => {
  const { node, open, spent } = await walletOnSolana({}, { blockhashHint: false })
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  node.dropNext()
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  expect(await spent()).toBe(0n)
  await node.advance(152)
  const client = open()
  await client.chatCompletion(HELLO)
  quiet.mockRestore()
  expect(await spent()).toBe(1_000_000n)
  expect((await client.payments.list()).map(({ state }) => state).sort()).toEqual([
    'dead',
    'settled',
  ])
})

test('a payment that the facilitator settles late is paid once, and its credit is spent', async () => {
  const { gateway, open, spent } = await walletOnSolana()
  const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
  gateway.faults.next('settle-late')
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  quiet.mockRestore()
  await gateway.state.advance({ blocks: 1 })
  await open().chatCompletion(HELLO)
  expect(await spent()).toBe(1_000_000n)
})

test('somebody else who submits the payment first does not make us pay twice', async () => {
  const { gateway, open, spent } = await walletOnSolana()
  gateway.faults.next('third-party-settles')
  const client = open()
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    fundsMoved: expect.stringMatching(/maybe|yes/),
  })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'paid_but_failed' })
  expect(await spent()).toBe(1_000_000n)
})

test('while the RPC server is out a payment is neither made twice nor given up', async () => {
  const { gateway, node, open, spent } = await walletOnSolana({}, { signIn: 'off' })
  gateway.faults.next('drop-after-settle')
  gateway.faults.next('rpc-5xx', { times: 100 })
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  await node.advance(500)
  expect(await open().payments.reconcile()).toMatchObject([{ state: 'unknown' }])
  gateway.faults.clear()
  expect(await open().payments.reconcile()).toMatchObject([
    { state: 'settled', settledBy: 'chain' },
  ])
  expect(await spent()).toBe(1_000_000n)
})

test('with a blockhash of the gateway’s, a payment is given up once the chain’s own time says so', async () => {
  const { gateway, node, open, spent } = await walletOnSolana({}, { signIn: 'off' })
  gateway.faults.next('drop-after-verify', { times: 50 })
  gateway.faults.next('rpc-5xx', { times: 100 })
  expect(await failure(open().chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
  gateway.faults.clear()
  await node.advance(152)
  expect(await open().payments.reconcile()).toHaveLength(1)
  await node.advance(300)
  expect(await open().payments.reconcile()).toEqual([])
  expect(await open().payments.list()).toMatchObject([{ state: 'dead' }])
  expect(await spent()).toBe(0n)
})

test('after a reorganization what was paid is unpaid, and nobody is told otherwise', async () => {
  const { gateway, node, open, spent } = await walletOnSolana()
  node.setFinality(32)
  await node.advance(40)
  const client = open()
  await client.chatCompletion(HELLO)
  const [payment] = await client.payments.list()
  if (!payment) throw new Error('nothing was paid')
  expect((await verifyReceipt(payment, { rpc: gateway.rpc })).status).toBe('pending')
  await node.reorg(20)
  expect(await spent()).toBe(0n)
  await node.advance(40)
  expect((await verifyReceipt(payment, { rpc: gateway.rpc })).status).not.toBe('confirmed')
})

test('fifty callers at once make one payment', async () => {
  const { open, spent, node } = await walletOnSolana()
  const client = open()
  await Promise.all(Array.from({ length: 50 }, () => client.chatCompletion(HELLO)))
  expect(await spent()).toBe(1_000_000n)
  expect(await node.transfers()).toHaveLength(1)
})

test('a wallet without the money is refused, and nothing moves', async () => {
  const { gateway, node } = await startOnSolana({ balances: {} })
  const signer = Keypair.generate()
  const error = await failure(
    payer(gateway, signer, { store: memoryStore(), rpc: gateway.rpc }).chatCompletion(HELLO),
  )
  expect(error).toMatchObject({ code: expect.any(String) })
  expect(await node.transfers()).toEqual([])
})
