import type { FaultKind, MockGateway } from '@arouter/mock-gateway'
import { localChain } from '@arouter/mock-gateway/local'
import {
  ARouter,
  isARouterError,
  memoryStore,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, onTestFinished, test } from 'vitest'
import { threeBooks } from '../support/books/threeBooks'
import { HELLO, startGateway } from '../support/harness'

const PAYMENTS = 1_000
const AT_ONCE = 50
const PRICE = 1_000_000n
/** How often a caller asks again before it counts as not served. */
const MOST_CALLS = 60

/** With which probability each request suffers them. */
const FAULTS: Partial<Record<FaultKind, number>> = {
  'reset-before': 0.03,
  '5xx-before': 0.03,
  '429-before': 0.02,
  '401': 0.02,
  'auth-5xx': 0.05,
  'drop-after-verify': 0.05,
  '5xx-after-verify': 0.05,
  'drop-after-settle': 0.05,
  'hang-after-settle': 0.01,
  '5xx-after-settle': 0.05,
  '402-after-settle': 0.05,
  'receipt-lost': 0.05,
  'truncate-body': 0.02,
  'reset-body': 0.02,
  'rpc-5xx': 0.05,
  'rpc-error': 0.05,
}
/** Settlements that land some time after the gateway was asked for them. */
const LATE = 50

const chains = {
  'eip155:8453': (gateway: MockGateway) =>
    withX402EvmPayment(
      clientAt(gateway),
      privateKeyToAccount(generatePrivateKey()),
      booksAt(gateway),
    ),
  'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp': (gateway: MockGateway) =>
    withX402SolanaPayment(clientAt(gateway), Keypair.generate(), undefined, booksAt(gateway)),
} as const

for (const network of ['eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] as const) {
  test(`${PAYMENTS} payments on ${network}, ${AT_ONCE} at a time, with faults on: the books agree, none is double, none lost`, async () => {
    const chain = localChain()
    onTestFinished(chain.close)
    const gateway = await startGateway({
      networks: [network],
      chain,
    })
    const books = await threeBooks(gateway)
    gateway.faults.random(FAULTS, 1)
    gateway.faults.next('settle-late', { times: LATE, skip: 10, after: 300 })
    const begun = performance.now()
    let left = PAYMENTS
    let calls = 0
    const lane = async () => {
      while (left-- > 0) {
        const made = await pay(chains[network](gateway))
        calls += made
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, lane))
    const seconds = Math.round((performance.now() - begun) / 1_000)
    const struck = gateway.state.counts().faults
    gateway.faults.clear()

    await expect.poll(async () => (await books.compare()).differences).toEqual([])
    const transfers = await gateway.state.transfers(network)
    const payers = new Set(transfers.map(({ from }) => from))
    expect(transfers.every(({ amount }) => amount === PRICE)).toBe(true)
    const double = transfers.length - payers.size
    expect({ payments: payers.size, double }).toEqual({ payments: PAYMENTS, double: 0 })
    expect(gateway.state.counts()).toMatchObject({
      payments: PAYMENTS,
      settled: BigInt(PAYMENTS) * PRICE,
      credited: BigInt(PAYMENTS) * PRICE,
    })
    process.stdout.write(
      `${network}: ${PAYMENTS} payments in ${seconds} s, ${calls} calls, ${struck} faults; 0 double, 0 lost, 0 differences between the books\n`,
    )
  }, 600_000)
}

const clientAt = ({ url }: MockGateway) => new ARouter({ baseURL: url, timeout: 3_000 })
const booksAt = ({ rpc }: MockGateway) => ({ store: memoryStore(), rpc })

/** Asks until there is an answer; resolves to how often that was. */
async function pay(client: ARouter): Promise<number> {
  for (let calls = 1; calls <= MOST_CALLS; calls++) {
    try {
      await client.chatCompletion(HELLO)
      return calls
    } catch (error) {
      if (!isARouterError(error)) throw error
      if (calls === MOST_CALLS) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  throw new Error('a caller asked and had neither an answer nor an error')
}
