import { ARouter } from '@arouter/sdk'
import { expect, test } from 'vitest'
import { HELLO, payingClient, startGateway } from '../support/harness'

const stream = { ...HELLO, stream_options: { include_usage: true } }
const file = new File(['a recording'], 'talk.wav', { type: 'audio/wav' })

test('an answer carries what it cost, and the payment that was made for it', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  const first = await client.chatCompletion(HELLO)
  const second = await client.chatCompletion(HELLO)
  const charged = gateway.state.ledger.filter(({ type }) => type === 'usage')
  const [payment] = gateway.state.payments
  const [entry] = await client.payments.list()
  expect(first.bill).toEqual({
    cost: charged[0]?.amount,
    payment: {
      id: entry?.id,
      origin: gateway.url,
      address: payment?.payer,
      network: payment?.network,
      amount: 1_000_000n,
      payTo: entry?.payTo,
      transaction: payment?.transaction,
    },
  })
  expect(second.bill).toEqual({ cost: charged[1]?.amount, payment: undefined })
})

test('a bill is not in the way of JSON', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  const answer = await client.chatCompletion(HELLO)
  expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  expect(Object.keys(answer)).not.toContain('bill')
})

test('a stream has its payment on the first event, and its cost with the usage', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  const bills = []
  for await (const { bill } of client.chatCompletionStream(stream)) bills.push(bill)
  expect(bills.length).toBeGreaterThan(3)
  expect(bills[0]).toMatchObject({ cost: undefined, payment: { amount: 1_000_000n } })
  expect(bills.slice(1, -1)).toEqual(bills.slice(1, -1).map(() => undefined))
  const charged = gateway.state.ledger.find(({ type }) => type === 'usage')
  expect(bills.at(-1)).toMatchObject({ cost: charged?.amount, payment: { amount: 1_000_000n } })
})

test('a payment whose answer was lost is on the bill of the answer it got after all', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  gateway.faults.next('drop-after-settle')
  const { bill } = await client.chatCompletion(HELLO)
  expect(bill?.payment).toMatchObject({ amount: 1_000_000n })
  expect((await client.chatCompletion(HELLO)).bill?.payment).toBeUndefined()
})

test('of callers at once only the one that paid has the payment on its bill', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway)
  const answers = await Promise.all(Array.from({ length: 5 }, () => client.chatCompletion(HELLO)))
  expect(answers.filter(({ bill }) => bill?.payment)).toHaveLength(1)
  expect(answers.filter(({ bill }) => bill?.cost)).toHaveLength(5)
})

test('every kind of answer has a bill', async () => {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } } })
  const client = new ARouter({ baseURL: gateway.url, apiKey: 'key' })
  const embedding = { model: 'text-embedding-3-small', input: 'hello' }
  expect((await client.createEmbedding(embedding)).bill?.cost).toBeGreaterThan(0n)
  const contents = [{ role: 'user', parts: [{ text: 'hello' }] }]
  const answers = [
    await client.messages({ ...HELLO, model: 'claude-sonnet-4', max_tokens: 9 }),
    await client.generateContent('gemini-2.5-flash', { contents }),
    await client.createTranscription({ model: 'whisper-1', file }),
    await client.createSpeech({ model: 'tts-1', input: 'hi', voice: 'alloy' }),
    await client.proxyRequest('openai', 'v1/models'),
  ]
  for (const { bill } of answers) expect(bill).toEqual({ cost: undefined, payment: undefined })
})
