import type { GatewayState, MockGateway } from '@arouter/mock-gateway'
import { ARouter, memoryStore, type Store, withX402SolanaPayment } from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { expect, test } from 'vitest'
import { HELLO, payingClient, startGateway } from '../harness'
import { notedStores } from './notedStores'
import { threeBooks } from './threeBooks'

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

/** A payment on each chain, made by two wallets whose books are in a store. */
async function paidOnBoth() {
  const gateway = await startGateway()
  const store = memoryStore()
  const { client, account } = payingClient(gateway, { store })
  const onSolana = withX402SolanaPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '' }),
    Keypair.generate(),
    undefined,
    { store },
  )
  const pay = async () => {
    await client.chatCompletion(HELLO)
    await onSolana.chatCompletion(HELLO)
  }
  return { gateway, store, pay, account }
}

/** `gateway`, saying something else of its state. */
function saying(gateway: MockGateway, what: (state: GatewayState) => Partial<GatewayState>) {
  const state = new Proxy(gateway.state, {
    get: (target, name) => Reflect.get({ ...target, ...what(target) }, name),
  })
  return { ...gateway, state }
}

test('the books of payments on both chains agree', async () => {
  const { gateway, pay } = await paidOnBoth()
  const books = await threeBooks(gateway)
  await pay()
  expect(notedStores()).toHaveLength(1)
  expect(await gateway.state.transfers(BASE)).toHaveLength(1)
  expect(await gateway.state.transfers(SOLANA)).toHaveLength(1)
  expect(await books.compare()).toEqual({ differences: [], remarks: [] })
})

test('one atomic unit more in a receiver’s hands is named', async () => {
  const { gateway, pay } = await paidOnBoth()
  const books = await threeBooks(gateway)
  await pay()
  for (const network of [BASE, SOLANA] as const) {
    const payTo = gateway.payTo[network] ?? ''
    await gateway.state.setBalance(network, payTo, 1_000_001n)
    expect((await books.compare()).differences).toEqual([
      `${payTo} held 0 on ${network}, was sent 1000000 and sent 0; it holds 1000001.`,
    ])
    await gateway.state.setBalance(network, payTo, 1_000_000n)
  }
})

test.each([
  {
    book: 'credit',
    what: ({ payments }: GatewayState) => ({
      payments: payments.map((payment) => ({ ...payment, credited: payment.credited - 1n })),
    }),
    differences: [
      'The gateway credited 1999998; it counts 2000000.',
      'The gateway took 1000000 for payment_1 and credited 999999.',
      'The ledger credits 1000000 for payment_1, which says 999999.',
    ],
  },
  {
    book: 'ledger',
    what: ({ tenants }: GatewayState) => ({
      tenants: tenants.map((tenant) => ({ ...tenant, balance: tenant.balance + 1n })),
    }),
    differences: [
      expect.stringMatching(/^The ledger of tenant_1 says 1000000 less \d+; the account holds \d+/),
    ],
  },
  {
    book: 'totals',
    what: ({ counts }: GatewayState) => ({
      counts: () => ({ ...counts(), settled: counts().settled + 1n }),
    }),
    differences: ['The chain moved 2000000 to the gateway; it counts 2000001.'],
  },
])('one atomic unit that the gateway’s $book is off by is named', async ({ what, differences }) => {
  const { gateway, pay } = await paidOnBoth()
  const books = await threeBooks(saying(gateway, what))
  await pay()
  const found = (await books.compare()).differences
  for (const sentence of differences) expect(found).toContainEqual(sentence)
})

test('one atomic unit that a journal or a budget is off by is named', async () => {
  const { gateway, store, pay, account } = await paidOnBoth()
  const books = await threeBooks(gateway)
  await pay()
  const prefix = `attempt/${gateway.url}/${account.address}/`
  const wrongly = async (key: string, change: (text: string) => string) => {
    const right = await store.get(key)
    await store.update(key, () => JSON.parse(change(JSON.stringify(right))))
    const { differences } = await books.compare()
    await store.update(key, () => right)
    return differences
  }
  const [[attempt]] = await list(store, prefix)
  const more = (text: string) => text.replace('"1000000"', '"1000001"')
  expect(await wrongly(attempt, more)).toEqual([
    expect.stringMatching(/^The journal has payment [0-9a-f]{32} of 1000001 from 0x.* of 1000000 /),
    `The budget of ${account.address} counts 1000000; its journal has 1000001.`,
  ])
  expect(await wrongly(`budget/${account.address}`, more)).toEqual([
    `The budget of ${account.address} counts 1000001; its journal has 1000000.`,
  ])
  expect((await books.compare()).differences).toEqual([])
})

async function list(store: Store, prefix: string) {
  const [first, ...others] = await store.list(prefix)
  if (!first) throw new Error(`there is no ${prefix}`)
  return [first, ...others] as const
}
