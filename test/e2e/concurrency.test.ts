import { createMockGateway } from '@arouter/mock-gateway'
import { ConnectionError } from '@arouter/sdk'
import { expect, test } from 'vitest'
import { HELLO, payingClient, startGateway } from '../support/harness'

const CALLERS = 1_000

function callAll(client: { chatCompletion(body: typeof HELLO): Promise<unknown> }) {
  return Promise.allSettled(Array.from({ length: CALLERS }, () => client.chatCompletion(HELLO)))
}

const answered = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'fulfilled').length

test('a thousand concurrent cold calls make one sign-in and one payment, and all are answered', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway)
  expect(answered(await callAll(client))).toBe(CALLERS)
  expect(signed).toEqual({ transfers: 1, messages: 1 })
  expect(gateway.state.counts().payments).toBe(1)
}, 120_000)

test('credit that runs out under a thousand calls is topped up once', async () => {
  const gateway = await startGateway()
  const { client, signed, account } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  gateway.state.setCredit(account.address, 0n)
  expect(answered(await callAll(client))).toBe(CALLERS)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts().payments).toBe(2)
}, 120_000)

test('a token that expires under a thousand calls is renewed by one sign-in', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  gateway.state.expireTokens()
  expect(answered(await callAll(client))).toBe(CALLERS)
  expect(signed).toEqual({ transfers: 1, messages: 2 })
}, 120_000)

test('when the first of a thousand requests is reset, that caller alone fails', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' }, { maxRetries: 0 })
  gateway.faults.next('reset-before')
  const results = await callAll(client)
  const failed = results.filter((result) => result.status === 'rejected')
  expect(failed).toHaveLength(1)
  expect(failed[0]?.reason).toBeInstanceOf(ConnectionError)
  expect(signed.transfers).toBe(1)
}, 120_000)

test('a dead host fails a thousand callers, each with an error of its own', async () => {
  const gateway = await createMockGateway()
  const { client, signed } = payingClient(gateway, { signIn: 'never' }, { maxRetries: 0 })
  await gateway.close()
  const results = await callAll(client)
  const errors = results.map((result) => (result.status === 'rejected' ? result.reason : undefined))
  expect(new Set(errors).size).toBe(CALLERS)
  for (const error of errors)
    expect(error).toMatchObject({ code: 'connection_error', fundsMoved: 'no' })
  expect(signed).toEqual({ transfers: 0, messages: 0 })
}, 120_000)

test('a leader that aborts passes the payment on to those who wait', async () => {
  const gateway = await startGateway()
  let agree = (_: boolean) => {}
  const approved = new Promise<boolean>((resolve) => {
    agree = resolve
  })
  const { client, signed } = payingClient(gateway, { signIn: 'never', approve: () => approved })
  const controller = new AbortController()
  const leader = client.chatCompletion(HELLO, { signal: controller.signal })
  const aborted = expect(leader).rejects.toMatchObject({
    code: 'aborted',
    name: 'AbortError',
    fundsMoved: 'no',
  })
  await expect.poll(() => gateway.state.counts().requests).toBe(1)
  const others = Promise.all([client.chatCompletion(HELLO), client.chatCompletion(HELLO)])
  await expect.poll(() => gateway.state.counts().requests).toBe(3)
  controller.abort()
  await aborted
  agree(true)
  await others
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})
