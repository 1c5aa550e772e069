import { expect, test, vi } from 'vitest'
import { chat, decoded } from '../testing/chat'
import { evmPayer } from '../testing/officialClients'
import { startGateway } from '../testing/startGateway'

const apiKeys = { key: { balance: '$1' } } as const
const path = '/v1/chat/completions?key=key'

const eventsOf = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => block.replace(/^data: /, ''))

test('a stream starts with the role, says the answer, and ends with [DONE]', async () => {
  const gateway = await startGateway({ apiKeys })
  const init = chat('stream this please', { stream: true })
  const events = eventsOf(await (await fetch(`${gateway.url}${path}`, init)).text())
  expect(events.at(-1)).toBe('[DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
  expect(chunks[0].choices[0].delta).toEqual({ role: 'assistant', content: '' })
  expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe(
    'stream this please',
  )
  expect(chunks.at(-1).choices[0].finish_reason).toBe('stop')
})

test('with include_usage the last chunk has no choices, and says what was charged', async () => {
  const gateway = await startGateway({ apiKeys })
  const init = chat('hello', { stream: true, stream_options: { include_usage: true } })
  const events = eventsOf(await (await fetch(`${gateway.url}${path}`, init)).text())
  const last = JSON.parse(events.at(-2) ?? '')
  expect(last.choices).toEqual([])
  const [usage] = gateway.state.ledger.filter(({ type }) => type === 'usage')
  expect(last.usage.cost).toBe(Number(usage?.amount) / 1e6)
})

test('events reach the client while the rest of the stream is still to come', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('stall-stream', { events: 3 })
  const init = chat('', { model: 'arouter/long', stream: true, max_tokens: 5 })
  const response = await fetch(`${gateway.url}${path}`, init)
  const reader = response.body?.getReader()
  let text = ''
  while (eventsOf(text).length < 3)
    text += Buffer.from((await reader?.read())?.value ?? []).toString()
  expect(eventsOf(text)).toHaveLength(3)
  expect(gateway.state.counts().charged).toBe(0n)
  await reader?.cancel()
})

test('the receipt of a paid stream comes with its headers', async () => {
  const gateway = await startGateway({ chunkDelay: 5 })
  const init = chat('', { model: 'arouter/long', stream: true })
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, init)
  expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({ success: true })
  expect(gateway.state.ledger.filter(({ type }) => type === 'usage')).toEqual([])
  await response.body?.cancel()
})

test.each(['socket', 'in process'])(
  'a client that goes away stops the stream and pays for what was said (%s)',
  async (how) => {
    const gateway = await startGateway({ apiKeys, chunkDelay: 1 })
    const fetch = how === 'socket' ? globalThis.fetch : gateway.fetch
    const init = chat('', { model: 'arouter/long', stream: true, max_tokens: 100_000 })
    const response = await fetch(`${gateway.url}${path}`, init)
    const reader = response.body?.getReader()
    for (let i = 0; i < 3; i += 1) await reader?.read()
    await reader?.cancel()
    await vi.waitFor(() => expect(gateway.state.counts().streamsAborted).toBe(1))
    const [usage] = gateway.state.ledger.filter(({ type }) => type === 'usage')
    expect(usage?.amount).toBeGreaterThan(0n)
    expect(usage?.amount).toBeLessThan(10_000n)
    expect(gateway.state.conservation()).toMatchObject([{ holds: true }])
  },
)
