import type { MockGateway } from '@arouter/mock-gateway'
import {
  ARouter,
  memoryStore,
  type WalletOptions,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { createAgentWallet } from '@arouter/sdk/agent'
import { verifyReceipt } from '@arouter/sdk/receipt'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { HELLO, startGateway } from '../support/harness'

const account = () => privateKeyToAccount(generatePrivateKey())

const chains = {
  EVM: (gateway: MockGateway, options: WalletOptions) =>
    withX402EvmPayment(new ARouter({ baseURL: gateway.url }), account(), options),
  Solana: (gateway: MockGateway, options: WalletOptions) =>
    withX402SolanaPayment(
      new ARouter({ baseURL: gateway.url }),
      Keypair.generate(),
      undefined,
      options,
    ),
}

/** What a wallet of that chain has paid, last payment first. */
async function payments(gateway: MockGateway, chain: keyof typeof chains, times = 1) {
  const options = { store: memoryStore(), rpc: gateway.rpc }
  const client = chains[chain](gateway, options)
  for (let time = 0; time < times; time++) {
    await client.chatCompletion(HELLO)
    const [paid] = await client.payments.list()
    gateway.state.setCredit(paid?.address ?? '', '$0')
  }
  return client.payments.list()
}

const [one, two] = ['EVM', 'Solana'] as const

test.each([one, two])('a payment on %s is confirmed by the chain', async (chain) => {
  const gateway = await startGateway()
  const [payment] = await payments(gateway, chain)
  if (!payment) throw new Error('nothing was paid')
  expect(await verifyReceipt(payment, { rpc: gateway.rpc })).toEqual({
    status: 'confirmed',
    reasons: [],
  })
})

test.each([one, two])(
  'the transaction of another payment alike on %s is no receipt for this one',
  async (chain) => {
    const gateway = await startGateway()
    const [last, first] = await payments(gateway, chain, 2)
    if (!last || !first) throw new Error('two payments were to be made')
    expect([last.amount, last.payTo, last.address]).toEqual([
      first.amount,
      first.payTo,
      first.address,
    ])
    const claimed = { ...last, transaction: first.transaction }
    expect((await verifyReceipt(claimed, { rpc: gateway.rpc })).status).toBe('contradicted')
  },
)

test.each([one, two])(
  'a claim on %s of another amount or payee is contradicted, one nobody knows is not',
  async (chain) => {
    const gateway = await startGateway()
    const [payment] = await payments(gateway, chain)
    if (!payment) throw new Error('nothing was paid')
    const check = async (change: object) =>
      (await verifyReceipt({ ...payment, ...change }, { rpc: gateway.rpc })).status
    expect(await check({ amount: 2_000_000n })).toBe('contradicted')
    expect(await check({ payTo: payment.address, amount: 1n })).toBe('contradicted')
    const made = payment.transaction?.replaceAll(/[1-9]/g, '2')
    expect(await check({ transaction: made })).toBe('unknown')
  },
)

test.each([one, two])(
  'a server of %s that is down, errs or is of another chain is no verdict, and the next one is asked',
  async (chain) => {
    const gateway = await startGateway()
    const [payment] = await payments(gateway, chain)
    if (!payment) throw new Error('nothing was paid')
    const url = gateway.rpc[payment.network as keyof typeof gateway.rpc] ?? ''
    const check = async (...urls: string[]) =>
      (await verifyReceipt(payment, { rpc: { [payment.network]: urls } })).status
    const other = Object.values(gateway.rpc).filter((each) => each !== url)
    expect(await check('http://127.0.0.1:1')).toBe('unknown')
    expect(await check(...other)).toBe('unknown')
    expect(await check(`${gateway.url}/v1/models`)).toBe('unknown')
    expect(await check('http://127.0.0.1:1', ...other, url)).toBe('confirmed')
    for (const fault of ['rpc-5xx', 'rpc-error'] as const) {
      gateway.faults.next(fault, { times: 10 })
      expect(await check(url)).toBe('unknown')
      gateway.faults.clear()
    }
    gateway.faults.next('rpc-hang')
    const asked = verifyReceipt(payment, { rpc: { [payment.network]: url }, signal: abortSoon() })
    expect((await asked).status).toBe('unknown')
  },
)

function abortSoon(): AbortSignal {
  const leave = new AbortController()
  setTimeout(() => leave.abort(), 50)
  return leave.signal
}

test('no public chain is asked about a payment at a gateway on this machine', async () => {
  const gateway = await startGateway()
  const [payment] = await payments(gateway, 'EVM')
  if (!payment) throw new Error('nothing was paid')
  const asked: string[] = []
  const fetch = async (input: unknown) => {
    asked.push(String(input))
    return Response.json({})
  }
  expect(await verifyReceipt(payment, { fetch })).toEqual({
    status: 'unknown',
    reasons: ['no RPC server is named'],
  })
  expect(asked).toEqual([])
  const elsewhere = { ...payment, origin: 'https://gateway.example' }
  expect((await verifyReceipt(elsewhere, { fetch })).status).toBe('unknown')
  expect(asked).toEqual(['https://mainnet.base.org'])
})

test('what an agent wallet paid for is held against the chain too', async () => {
  const gateway = await startGateway()
  const wallet = createAgentWallet({
    evm: { signer: account() },
    origins: [gateway.url],
    store: memoryStore(),
    rpc: gateway.rpc,
  })
  await wallet.fetch(`${gateway.url}/v1/x402/chat?model=gpt-4o&message=Hello`)
  const [payment] = await wallet.payments.list()
  if (!payment) throw new Error('nothing was paid')
  expect((await verifyReceipt(payment, { rpc: gateway.rpc })).status).toBe('confirmed')
})

test('a payment of neither chain is an error', async () => {
  const payment = {
    network: 'bip122:000000000019d6689c085ae165831e93',
    origin: 'https://gateway.example',
    address: 'a',
    payTo: 'b',
    amount: 1n,
  }
  await expect(verifyReceipt(payment)).rejects.toMatchObject({ code: 'invalid_option' })
})
