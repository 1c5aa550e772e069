import {
  ARouter,
  authenticateWithSIWx,
  memoryStore,
  withSIWxAuth,
  withX402EvmPayment,
} from '@arouter/sdk'
import { expect, test } from 'vitest'
import { countingAccount, failure, HELLO, startGateway } from '../support/harness'
import { signInClient, signInOffer, startOfferingServer } from '../support/siwx'

test('an abort wins over a wallet that is asked to sign in, and its signature goes nowhere', async () => {
  const gateway = await startGateway()
  const { account } = countingAccount()
  const controller = new AbortController()
  const order: string[] = []
  let agree: (signature: `0x${string}`) => void = () => undefined
  const slow = {
    ...account,
    signMessage: () => {
      queueMicrotask(() => controller.abort())
      return new Promise<`0x${string}`>((resolve) => {
        agree = resolve
      })
    },
  }
  const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url }), slow, {
    store: memoryStore(),
  })
  const error = await failure(client.chatCompletion(HELLO, { signal: controller.signal }))
  order.push('rejected')
  agree(`0x${'1'.repeat(130)}`)
  order.push('signed')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(error).toMatchObject({ name: 'AbortError', code: 'aborted', fundsMoved: 'no' })
  expect(order).toEqual(['rejected', 'signed'])
  expect(gateway.state.requests).toEqual([])
})

test('an abort while the sign-in is unanswered ends the call, and nothing is signed after', async () => {
  const gateway = await startGateway()
  gateway.faults.next('auth-hang', { times: 9 })
  const { client, signed } = signInClient(gateway.url)
  const controller = new AbortController()
  const call = failure(client.chatCompletion(HELLO, { signal: controller.signal }))
  await expect.poll(() => gateway.state.requests.length).toBe(1)
  controller.abort()
  expect(await call).toMatchObject({ code: 'aborted', fundsMoved: 'no' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(signed).toEqual({ messages: 1, transfers: 0 })
  expect(gateway.state.requests).toHaveLength(1)
})

test('one caller who leaves does not end the sign-in that another waits for', async () => {
  const gateway = await startGateway()
  const { account } = countingAccount()
  let agree = () => {}
  const asked = new Promise<void>((resolve) => {
    agree = resolve
  })
  const slow = {
    ...account,
    signMessage: (async (parameters) => {
      await asked
      return account.signMessage(parameters)
    }) as typeof account.signMessage,
  }
  const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url }), slow, {
    store: memoryStore(),
  })
  const controller = new AbortController()
  const leaves = failure(client.chatCompletion(HELLO, { signal: controller.signal }))
  const stays = client.chatCompletion(HELLO)
  await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  expect(await leaves).toMatchObject({ code: 'aborted' })
  agree()
  await stays
  expect(gateway.state.counts()).toMatchObject({ signIns: 1, payments: 1 })
})

test('a sign-in that is not answered in time is a TimeoutError, and nothing is signed after', async () => {
  const gateway = await startGateway()
  gateway.faults.next('auth-hang', { times: 9 })
  const { account, signed } = countingAccount()
  const client = new ARouter({ baseURL: gateway.url, timeout: 100 })
  const error = await failure(withSIWxAuth(client, account, { store: memoryStore() }))
  expect(error).toMatchObject({ code: 'timeout', fundsMoved: 'no' })
  await new Promise((resolve) => setTimeout(resolve, 150))
  expect(signed.messages).toBe(1)
  expect(gateway.state.requests).toHaveLength(1)
})

test('an abort when a 402 offers a sign-in signs neither that nor a payment', async () => {
  const server = await startOfferingServer(signInOffer)
  const { account, signed } = countingAccount()
  const controller = new AbortController()
  const customFetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (response.status === 402) controller.abort()
    return response
  }
  const client = withX402EvmPayment(new ARouter({ baseURL: server.url, customFetch }), account, {
    store: memoryStore(),
  })
  const error = await failure(client.chatCompletion(HELLO, { signal: controller.signal }))
  expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'no' })
  // The one message went to the endpoint that is not there, before the 402.
  expect(signed).toEqual({ messages: 1, transfers: 0 })
})

test('a wallet that declines to sign in by hand is told from one that fails', async () => {
  const gateway = await startGateway()
  const { account } = countingAccount()
  const declines = async (): Promise<never> => {
    throw Object.assign(new Error('no'), { code: 4001 })
  }
  const error = await failure(
    authenticateWithSIWx(gateway.url, { ...account, signMessage: declines }),
  )
  expect(error).toMatchObject({ code: 'wallet_rejected', fundsMoved: 'no' })
})
