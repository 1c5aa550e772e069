import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

async function collect(
  stream: AsyncIterable<{ choices: readonly { delta: { content?: string | null } }[] }>,
) {
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

test('a stream reaches the caller whole, paid or warm', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway)
  const cold = await collect(client.chatCompletionStream(HELLO))
  const warm = await collect(client.chatCompletionStream(HELLO))
  expect(cold).toContain('gpt-4o')
  expect(warm).toBe(cold)
  expect(signed.transfers).toBe(1)
  expect((await client.payments.list()).map(({ state }) => state)).toEqual(['settled'])
})

test('nothing is sent before a stream is read', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  client.chatCompletionStream(HELLO)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(gateway.state.requests).toEqual([])
})

test.each([
  ['stream-error', 'stream_error'],
  ['stream-malformed', 'stream_malformed'],
  ['truncate-stream', 'stream_truncated'],
  ['reset-stream', 'stream_reset'],
  ['stall-stream', 'stream_stalled'],
] as const)('%s is a typed error, warm and paid, and pays nothing more', async (fault, code) => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway, {}, { timeout: 5_000 })
  for (let i = 0; i < 2; i++) {
    gateway.faults.next(fault)
    expect(await failure(collect(client.chatCompletionStream(HELLO)))).toMatchObject({
      name: 'StreamError',
      code,
    })
  }
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
})

test('leaving the loop closes the connection', async () => {
  const gateway = await startGateway({ chunkDelay: 20 })
  const { client } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  for await (const _ of client.chatCompletionStream(HELLO)) break
  await expect.poll(() => gateway.state.counts().streamsAborted).toBe(1)
})

test('aborting a stream ends it with an AbortError and closes the connection', async () => {
  const gateway = await startGateway({ chunkDelay: 20 })
  const { client } = payingClient(gateway)
  await client.chatCompletion(HELLO)
  const controller = new AbortController()
  const reading = (async () => {
    for await (const _ of client.chatCompletionStream(HELLO, { signal: controller.signal }))
      controller.abort()
  })()
  expect(await failure(reading)).toMatchObject({ name: 'AbortError', code: 'aborted' })
  await expect.poll(() => gateway.state.counts().streamsAborted).toBe(1)
})

test('credit bought by a stream that was cut is used by the next call', async () => {
  const gateway = await startGateway()
  const { client, signed } = payingClient(gateway)
  gateway.faults.next('reset-stream')
  await failure(collect(client.chatCompletionStream(HELLO)))
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
})

test('a payment whose answer was cut is followed by another only when its credit is used up', async () => {
  const gateway = await startGateway({ price: '$0.50' })
  const { client, signed } = payingClient(gateway)
  gateway.faults.next('reset-stream')
  await failure(collect(client.chatCompletionStream(HELLO)))
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(2)
  expect(gateway.state.counts().payments).toBe(2)
})
