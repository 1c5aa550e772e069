import { expect, test } from 'vitest'
import { chat, decoded } from '../testing/chat'
import { evmPayer } from '../testing/officialClients'
import { startGateway } from '../testing/startGateway'
import { findModel, listModels } from './catalogue'
import { costOf } from './cost'
import { tokenize } from './tokens'

test('the price list has a free model, and every price is a decimal string', async () => {
  const gateway = await startGateway()
  const { data } = await (await fetch(`${gateway.url}/v1/models`)).json()
  expect(data.map(({ id }: { id: string }) => id)).toContain('arouter/echo:free')
  for (const { pricing } of data) {
    expect(pricing.prompt).toMatch(/^\d+(\.\d+)?$/)
    expect(pricing.completion).toMatch(/^\d+(\.\d+)?$/)
  }
})

test('a model without a prefix is OpenAI’s', () => {
  expect(findModel('gpt-4o')?.id).toBe('openai/gpt-4o')
})

test('cost is rounded up to a whole unit, and nothing for free models', () => {
  const free = findModel('arouter/echo:free')
  for (const model of listModels()) {
    const expected = model === free ? 0n : 1n
    expect(costOf(model, { prompt: 1, completion: 0 }) >= expected).toBe(true)
  }
  const echo = findModel('arouter/echo')
  expect(echo && costOf(echo, { prompt: 1_000_000, completion: 500_000 })).toBe(2_000_000n)
  expect(free && costOf(free, { prompt: 1_000_000, completion: 1 })).toBe(0n)
})

test('the tokens of a text put together are the text', () => {
  const text = 'Grüße, world: 你好  and more'
  expect(tokenize(text).join('')).toBe(text)
})

test('the same request gets the same tokens, and pays what usage says', async () => {
  const gateway = await startGateway()
  const { pay } = evmPayer()
  const usages = []
  for (let i = 0; i < 2; i += 1) {
    const response = await pay(`${gateway.url}/v1/chat/completions`, chat('count these words'))
    usages.push((await response.json()).usage)
  }
  expect(usages[0]).toEqual(usages[1])
  expect(usages[0].total_tokens).toBe(usages[0].prompt_tokens + usages[0].completion_tokens)
  const spent = gateway.state.ledger.filter(({ type }) => type === 'usage')
  expect(spent.map(({ amount }) => Number(amount) / 1e6)).toEqual([usages[0].cost, usages[0].cost])
})

test('max_tokens ends an answer with the reason length', async () => {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } } })
  const init = chat('one two three four', { max_tokens: 2 })
  const response = await fetch(`${gateway.url}/v1/chat/completions?key=key`, init)
  expect((await response.json()).choices[0]).toMatchObject({
    finish_reason: 'length',
    message: { content: 'one two' },
  })
})

test('credit runs out at a fixed price, also for free models, and credits less usage is always the balance', async () => {
  const gateway = await startGateway({ price: '$0.4' })
  const { pay } = evmPayer()
  const url = `${gateway.url}/v1/chat/completions`
  const first = await pay(url, chat('one'))
  const headers = { authorization: `Bearer ${decoded(first, 'PAYMENT-RESPONSE')?.jwt}` }
  const statuses = []
  for (const model of ['arouter/echo', 'arouter/echo:free', 'arouter/echo', 'arouter/echo:free']) {
    statuses.push((await fetch(url, { ...chat('more', { model }), headers })).status)
  }
  expect(statuses).toEqual([200, 200, 200, 402])
  expect(gateway.state.conservation()).toEqual([
    {
      tenant: gateway.state.tenants[0]?.id,
      credits: 1_000_000n,
      usage: 1_200_000n,
      balance: -200_000n,
      holds: true,
    },
  ])
  expect(gateway.state.counts().charged).toBe(1_200_000n)
})

test('setCredit adjusts the ledger, up and down', async () => {
  const gateway = await startGateway()
  const address = '0x1111111111111111111111111111111111111111'
  gateway.state.setCredit(address, '$3')
  gateway.state.setCredit(address, 5n)
  expect(gateway.state.tenants).toMatchObject([{ subject: address, balance: 5n }])
  expect(gateway.state.conservation()).toMatchObject([{ holds: true }])
})

test('GET /v1/x402/chat serves the query as a chat', async () => {
  const gateway = await startGateway()
  const query = 'model=arouter/echo&message=over+GET&system=short&max_tokens=50&temperature=0.5'
  const response = await evmPayer().pay(`${gateway.url}/v1/x402/chat?${query}`)
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'over GET' } }] })
})

test('GET /v1/x402/chat streams when asked to', async () => {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } } })
  const query = 'model=arouter/echo&message=hi&stream=true&key=key'
  const response = await fetch(`${gateway.url}/v1/x402/chat?${query}`)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
})
