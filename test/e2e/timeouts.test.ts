import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

test('an answer that does not come in time is a TimeoutError', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' }, { timeout: 150 })
  gateway.faults.next('hang-before')
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    name: 'TimeoutError',
    code: 'timeout',
    fundsMoved: 'no',
  })
  expect(signed.transfers).toBe(0)
})

test('a timeout of one call goes before that of the client', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { signIn: 'never' })
  gateway.faults.next('hang-before')
  expect(await failure(client.chatCompletion(HELLO, { timeout: 100 }))).toMatchObject({
    code: 'timeout',
  })
})

test('an aborted call signs nothing after the abort, whatever it was waiting for', async () => {
  const gateway = await startGateway()
  const early = new AbortController()
  early.abort()
  const { client, signed } = payingClient(gateway)
  expect(await failure(client.chatCompletion(HELLO, { signal: early.signal }))).toMatchObject({
    name: 'AbortError',
    fundsMoved: 'no',
  })
  expect(signed).toEqual({ transfers: 0, messages: 0 })
  expect(gateway.state.requests).toEqual([])
})

test('an abort while the wallet is asked frees the need, and its signature is dropped', async () => {
  const gateway = await startGateway()
  const { client, account, signed } = payingClient(gateway, { signIn: 'never' })
  const sign = account.signTypedData
  const controller = new AbortController()
  account.signTypedData = async (data) => {
    controller.abort()
    return sign(data)
  }
  expect(await failure(client.chatCompletion(HELLO, { signal: controller.signal }))).toMatchObject({
    code: 'aborted',
    fundsMoved: 'no',
  })
  expect((await client.payments.list()).map(({ state }) => state)).toEqual(['abandoned'])
  account.signTypedData = sign
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts().payments).toBe(1)
})

test('an abort after the payment was sent says that funds may have moved, and the next call uses it', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, {}, { maxRetries: 0 })
  gateway.faults.next('hang-after-settle')
  const controller = new AbortController()
  const call = failure(client.chatCompletion(HELLO, { signal: controller.signal }))
  await expect.poll(() => gateway.state.counts().payments).toBe(1)
  controller.abort()
  expect(await call).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
})

test.each(['502', '503', '504'])('a %s before payment is retried', async (status) => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { signIn: 'never' })
  gateway.faults.next('5xx-before', { status: Number(status) })
  await client.chatCompletion(HELLO)
  expect(gateway.state.counts().payments).toBe(1)
})

test('a 429 is retried after Retry-After, and reported with it when it stays', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { signIn: 'never' }, { maxRetries: 1 })
  gateway.faults.next('429-before', { retryAfter: '0' })
  await client.chatCompletion(HELLO)
  gateway.faults.next('429-before', { retryAfter: '3600' })
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    name: 'RateLimitError',
    retryAfter: 3600,
    fundsMoved: 'no',
  })
})

test('a failed first call leaves nothing unhandled', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  const gateway = await startGateway()
  const { client } = payingClient(gateway, {}, { maxRetries: 0 })
  gateway.faults.next('reset-before', { times: 10 })
  await Promise.all([1, 2, 3].map(() => failure(client.chatCompletion(HELLO))))
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
