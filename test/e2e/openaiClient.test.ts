import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

function openaiOver(gateway: Awaited<ReturnType<typeof startGateway>>, options = {}) {
  const { client, signed } = payingClient(gateway, options, { maxRetries: 0 })
  const openai = new OpenAI({
    baseURL: `${gateway.url}/v1`,
    apiKey: 'unused',
    fetch: client.fetch,
    maxRetries: 2,
  })
  return { openai, signed, client }
}

const body = { ...HELLO, messages: [...HELLO.messages] }

test('the openai client pays once and then lives on the credit, streaming too', async () => {
  const gateway = await startGateway()
  const { openai, signed } = openaiOver(gateway)
  const answer = await openai.chat.completions.create(body)
  expect(answer.choices[0]?.message.content).toContain('gpt-4o')
  let text = ''
  for await (const chunk of await openai.chat.completions.create({ ...body, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? ''
  }
  expect(text).toBe(answer.choices[0]?.message.content)
  expect((await openai.models.list()).data.length).toBeGreaterThan(0)
  expect(signed.transfers).toBe(1)
})

test('retries of the openai client do not make a second payment of an unknown one', async () => {
  const gateway = await startGateway({ signIn: 'off' })
  const { openai, signed, client } = openaiOver(gateway)
  gateway.faults.next('drop-after-settle')
  await failure(openai.chat.completions.create(body))
  expect(signed.transfers).toBe(1)
  expect((await client.payments.list()).map(({ state }) => state)).toEqual(['unknown'])
})

test('retries of the openai client use the credit of a payment whose answer was lost', async () => {
  const gateway = await startGateway()
  const { openai, signed } = openaiOver(gateway)
  gateway.faults.next('5xx-after-settle', { times: 3, keeps: 'nothing' })
  await openai.chat.completions.create(body)
  expect(signed.transfers).toBe(1)
  expect(gateway.state.counts().payments).toBe(1)
})
