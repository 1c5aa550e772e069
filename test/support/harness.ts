import { createMockGateway, type MockGateway, type MockGatewayOptions } from '@arouter/mock-gateway'
import {
  ARouter,
  type ARouterConfig,
  memoryStore,
  type WalletOptions,
  withX402EvmPayment,
} from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, onTestFinished } from 'vitest'
import { threeBooks } from './books/threeBooks'
import { chains } from './chains'

/** A chat request that the gateway answers with a fixed sentence. */
export const HELLO = {
  model: 'openai/gpt-4o',
  messages: [{ role: 'user', content: 'hello' }],
} as const

const MAINNETS = ['eip155:8453', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'] as const
/** For the books of the longest test (ms). */
const LONG_MS = 120_000

/**
 * A mock gateway on a socket, closed when the test ends. Before that its books, those of its chains and those of
 * the test's clients must agree.
 */
export async function startGateway(options: MockGatewayOptions = {}): Promise<MockGateway> {
  await chains?.start(options.networks ?? MAINNETS)
  const gateway = await createMockGateway({ ...(chains && { chain: chains }), ...options })
  const books = await threeBooks(gateway)
  onTestFinished(async () => {
    gateway.faults.clear()
    await expect
      .poll(async () => (await books.compare()).differences)
      .toEqual([])
      .finally(() => gateway.close())
  }, LONG_MS)
  return gateway
}

/** A fresh viem account that counts what it is asked to sign. */
export function countingAccount() {
  const account = privateKeyToAccount(generatePrivateKey())
  const signed = { transfers: 0, messages: 0 }
  return {
    signed,
    account: {
      ...account,
      signTypedData: ((typedData) => {
        signed.transfers += 1
        return account.signTypedData(typedData)
      }) as typeof account.signTypedData,
      signMessage: ((message) => {
        signed.messages += 1
        return account.signMessage(message)
      }) as typeof account.signMessage,
    },
  }
}

/** A fresh wallet's client at `gateway`, with a memory of its own unless `options` name a store. */
export function payingClient(
  gateway: MockGateway,
  options: WalletOptions = {},
  config: ARouterConfig = {},
) {
  const { account, signed } = countingAccount()
  const open = (more: WalletOptions = {}) =>
    withX402EvmPayment(new ARouter({ baseURL: gateway.url, apiKey: '', ...config }), account, {
      store: memoryStore(),
      ...options,
      ...more,
    })
  return { client: open(), signed, account, /** The same wallet in a new process. */ restart: open }
}

/** Resolves to what `promise` rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}
