import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { redisStore } from '@arouter/sdk/redis'
import { createClient } from 'redis'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { type RedisServer, redisServer } from '../store/redisServer'
import { countingAccount, failure, HELLO, payingClient, startGateway } from '../support/harness'

const TIMEOUT_MS = 500

let redis: RedisServer

beforeEach(async () => {
  redis = redisServer()
  await redis.start()
})

afterEach(() => redis.remove())

async function startOnRedis() {
  const connection = createClient({ socket: { path: redis.socket, tls: false } })
  connection.on('error', () => undefined) // the store hears of it
  onTestFinished(() => connection.destroy())
  await connection.connect()
  const store = redisStore(connection, { timeout: TIMEOUT_MS })
  const gateway = await startGateway()
  const sent = () =>
    gateway.state.requests.filter(({ credentials }) => credentials['payment-signature']).length
  return {
    store,
    gateway,
    /** How often a signed payment reached the gateway. */
    sent,
    comeBack: async () => {
      await redis.start()
      await expect.poll(() => connection.isReady, { timeout: 10_000 }).toBe(true)
    },
  }
}

const storeFailed = { code: 'store_failed', fundsMoved: 'no' }

test('nothing is signed while Redis is down, and the first call after it is back is paid once', async () => {
  const { store, gateway, comeBack } = await startOnRedis()
  const { client, signed } = payingClient(gateway, { store })
  await redis.kill()
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject(storeFailed)
  expect(signed).toEqual({ transfers: 0, messages: 0 })
  await comeBack()
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})

test('a call that credit serves does not ask Redis; one that must pay fails typed, unsigned', async () => {
  const { store, gateway, comeBack } = await startOnRedis()
  const { client, signed, account } = payingClient(gateway, { store })
  await client.chatCompletion(HELLO)
  await redis.kill()
  await client.chatCompletion(HELLO)
  gateway.state.setCredit(account.address, 0n)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject(storeFailed)
  expect(signed.transfers).toBe(1)
  await comeBack()
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts().payments).toBe(2)
})

test('Redis that goes down while a payment is being approved keeps it from being signed', async () => {
  const { store, gateway, sent, comeBack } = await startOnRedis()
  let act = () => redis.kill()
  const approve = async () => {
    await act()
    return true
  }
  const { client, signed } = payingClient(gateway, { store, approve })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject(storeFailed)
  expect(signed.transfers).toBe(0)
  act = async () => {}
  await comeBack()
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  expect(sent()).toBe(1)
  expect((await client.budget.status())[0]).toMatchObject({ reserved: 0n, spent: 1_000_000n })
})

test('a signature made while Redis goes down never leaves, and is not counted once it is back', async () => {
  const { store, gateway, sent, comeBack } = await startOnRedis()
  const { account } = countingAccount()
  let act = () => redis.kill()
  const signTypedData = (async (data) => {
    await act()
    return account.signTypedData(data)
  }) as typeof account.signTypedData
  const client = withX402EvmPayment(
    new ARouter({ baseURL: gateway.url }),
    { ...account, signTypedData },
    { store },
  )
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject(storeFailed)
  expect(sent()).toBe(0)
  act = async () => {}
  await comeBack()
  await client.chatCompletion(HELLO)
  expect(sent()).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
  expect((await client.budget.status())[0]).toMatchObject({ reserved: 0n, spent: 1_000_000n })
})
