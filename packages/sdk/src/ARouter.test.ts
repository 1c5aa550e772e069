import { expect, test } from 'vitest'
import { ARouter } from './ARouter'

type Sent = { readonly method: string; readonly url: string; readonly init: RequestInit }

/** A client whose gateway answers by `answers`, the last one over and over. */
function answering(...answers: readonly (() => Response)[]) {
  const sent: Sent[] = []
  const customFetch: typeof fetch = async (input, init = {}) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)]
    sent.push({ method: init.method ?? 'GET', url: String(input), init })
    return answer?.() ?? new Response(null, { status: 500 })
  }
  const client = new ARouter({
    baseURL: 'https://gateway.example/base/',
    apiKey: 'a-key',
    maxRetries: 0,
    customFetch,
  })
  return { client, sent }
}

const json = (value: unknown) => () => Response.json(value)
const events = (...values: readonly unknown[]) => {
  const text = values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')
  return () => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}
const all = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const file = new File(['sound'], 'said.wav', { type: 'audio/wav' })
const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]
const message = { model: 'claude', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }

test.each<[string, (client: ARouter) => Promise<unknown>]>([
  ['GET /v1/models', (client) => client.listModels()],
  [
    'GET /v1/models?output_modalities=all&supported_parameters=tools',
    (client) => client.listModels({ output_modalities: 'all', supported_parameters: 'tools' }),
  ],
  ['POST /v1/embeddings', (client) => client.createEmbedding({ model: 'm', input: 'hi' })],
  ['POST /v1/audio/transcriptions', (client) => client.createTranscription({ model: 'm', file })],
  ['POST /v1/audio/translations', (client) => client.createTranslation({ model: 'm', file })],
  [
    'POST /v1/audio/speech',
    (client) => client.createSpeech({ model: 'm', input: 'hi', voice: 'v' }),
  ],
  ['POST /v1/messages', (client) => client.messages(message)],
  ['POST /v1/text/chatcompletion_v2', (client) => client.minimaxChat(message)],
  ['GET /v1beta/models', (client) => client.listGeminiModels()],
  ['GET /healthz', (client) => client.getHealth()],
  [
    'POST /v1beta/models/gemini%2Fpro:generateContent',
    (client) => client.generateContent('models/gemini/pro', { contents }),
  ],
  [
    'GET /v1/x402/chat?model=m&message=a+%26+b&max_tokens=5',
    (client) => client.x402Chat({ model: 'm', message: 'a & b', max_tokens: 5 }),
  ],
  ['GET /openai/v1/models?limit=2', (client) => client.proxyRequest('openai', 'v1/models?limit=2')],
  ['POST /openai/v1/x', (client) => client.proxyRequest('openai', '/v1/x', 0)],
  [
    'DELETE /openai/v1/files/1',
    (client) => client.proxyRequest('openai', 'v1/files/1', undefined, { method: 'DELETE' }),
  ],
  ['POST /api/v1/keys', (client) => client.createKey({ name: 'n' })],
  [
    'GET /api/v1/keys?page_size=5&offset=2&include_disabled=true',
    (client) => client.listKeys({ page_size: 5, offset: 2, include_disabled: true }),
  ],
  ['PATCH /api/v1/keys/a%2Fb', (client) => client.updateKey('a/b', { limit: null })],
  ['DELETE /api/v1/keys/a%2Fb', (client) => client.deleteKey('a/b')],
  ['GET /v1/key', (client) => client.getKey()],
  ['GET /api/v1/balance', (client) => client.getBalance()],
  ['GET /api/v1/generation?id=gen-1', (client) => client.getGeneration('gen-1')],
  [
    'GET /api/usage/summary?provider_id=openai',
    (client) => client.getUsageSummary({ provider_id: 'openai' }),
  ],
  [
    'GET /api/usage/timeseries?granularity=daily',
    (client) => client.getUsageTimeSeries({ granularity: 'daily' }),
  ],
])('%s', async (line, call) => {
  const { client, sent } = answering(json({ said: true }))
  await call(client)
  const [{ method, url, init } = { method: '', url: '', init: {} }] = sent
  expect(`${method} ${url.replace('https://gateway.example/base', '')}`).toBe(line)
  expect(new Headers(init.headers).get('authorization')).toBe('Bearer a-key')
})

test('a request goes out as it was given, unknown fields included, and is not changed', async () => {
  const { client, sent } = answering(json({}))
  const body = Object.freeze({ model: 'm', input: 'hi', some_new_field: { a: [1] } })
  await client.createEmbedding(body)
  expect(JSON.parse(String(sent[0]?.init.body))).toEqual(body)
})

test('an answer without content is undefined', async () => {
  const { client } = answering(() => new Response(null, { status: 204 }))
  expect(await client.deleteKey('h')).toBeUndefined()
})

test.each(['text', 'srt', 'vtt'] as const)(
  'a transcript as %s comes back as text',
  async (form) => {
    const { client, sent } = answering(() => new Response('1\n00:00 said'))
    const text: string = await client.createTranscription({
      model: 'm',
      file,
      response_format: form,
    })
    expect(text).toBe('1\n00:00 said')
    const sentForm = sent[0]?.init.body
    if (!(sentForm instanceof FormData)) throw new Error('no form was sent')
    expect(sentForm.get('response_format')).toBe(form)
  },
)

test.each([
  [file, undefined, 'said.wav'],
  [new Blob(['x'], { type: 'audio/x-flac;rate=8' }), undefined, 'audio.flac'],
  [new Blob(['x'], { type: 'audio/mpeg' }), undefined, 'audio.mp3'],
  [new Blob(['x']), undefined, 'audio.mp3'],
  [new Blob(['x']), 'talk.ogg', 'talk.ogg'],
])('a recording is named so that its encoding can be told', async (recording, name, expected) => {
  const { client, sent } = answering(json({ text: '' }))
  await client.createTranscription({
    model: 'm',
    file: recording,
    ...(name && { fileName: name }),
    timestamp_granularities: ['word', 'segment'],
  })
  const form = sent[0]?.init.body
  if (!(form instanceof FormData)) throw new Error('no form was sent')
  expect(form.get('file')).toMatchObject({ name: expected })
  expect(form.getAll('timestamp_granularities[]')).toEqual(['word', 'segment'])
  expect([...form.keys()]).not.toContain('fileName')
  expect(new Headers(sent[0]?.init.headers).has('content-type')).toBe(false)
})

test.each([
  [{ a: 1 }, '{"a":1}', 'application/json'],
  [false, 'false', 'application/json'],
  ['', '""', 'application/json'],
  [new URLSearchParams({ a: '1' }), 'a=1', null],
  [new Uint8Array([104, 105]), 'hi', null],
])('a proxied body of %j is sent as %s', async (body, text, type) => {
  const { client, sent } = answering(json({}))
  await client.proxyRequest('openai', 'v1/x', body)
  const [{ method, init } = { method: '', init: {} }] = sent
  expect(method).toBe('POST')
  expect(await new Response(init.body).text()).toBe(text)
  expect(new Headers(init.headers).get('content-type')).toBe(type)
})

test('a path that could lead out of its provider is refused before anything is sent', async () => {
  const { client, sent } = answering(json({}))
  const leaving = client.proxyRequest('openai', '../api/v1/keys')
  await expect(leaving).rejects.toMatchObject({ code: 'invalid_path', fundsMoved: 'no' })
  await expect(client.updateKey('..', {})).rejects.toMatchObject({ code: 'invalid_path' })
  expect(sent).toEqual([])
})

test('transactions come page after page, each one once, and no page before it is needed', async () => {
  const page = (...ids: readonly number[]) =>
    json({ transactions: ids.map((id) => ({ id: `t${id}` })) })
  const { client, sent } = answering(page(9, 8), page(8, 7), page(6))
  const found = client.listTransactions({ pageSize: 2 })
  expect(sent).toHaveLength(0)
  await found.next()
  await found.next()
  expect(sent).toHaveLength(1)
  expect((await all(found)).map(({ id }) => id)).toEqual(['t7', 't6'])
  expect(sent.map(({ url }) => url.replace(/.*\?/, ''))).toEqual([
    'limit=2&offset=0',
    'limit=2&offset=2',
    'limit=2&offset=4',
  ])
})

test.each([[[1, 2]], [[1, 2, 3]]])(
  'a gateway that knows no pages is asked once more at most: %j',
  async (ids) => {
    const { client, sent } = answering(json({ transactions: ids.map((id) => ({ id: `t${id}` })) }))
    expect(await all(client.listTransactions({ pageSize: 2 }))).toHaveLength(ids.length)
    expect(sent.length).toBeLessThanOrEqual(2)
  },
)

test('Anthropic’s stream ends with message_stop, and is truncated without', async () => {
  const start = { type: 'message_start' }
  const stop = { type: 'message_stop' }
  const whole = answering(events(start, stop))
  expect(await all(whole.client.messagesStream(message))).toEqual([start, stop])
  expect(JSON.parse(String(whole.sent[0]?.init.body))).toEqual({ ...message, stream: true })
  const headers = new Headers(whole.sent[0]?.init.headers)
  expect(headers.get('anthropic-version')).toBe('2023-06-01')
  const cut = answering(events(start))
  await expect(all(cut.client.messagesStream(message))).rejects.toMatchObject({
    code: 'stream_truncated',
  })
})

test('Gemini’s stream ends after a finishReason, whatever follows it, and is truncated without', async () => {
  const said = { candidates: [{ content: { parts: [{ text: 'a' }] } }] }
  const last = { candidates: [{ finishReason: 'STOP' }] }
  const sources = { groundingMetadata: {} }
  const whole = answering(events(said, last, sources))
  const stream = whole.client.generateContentStream('gemini', { contents })
  expect(await all(stream)).toEqual([said, last, sources])
  expect(whole.sent[0]?.url).toMatch(/\/v1beta\/models\/gemini:streamGenerateContent\?alt=sse$/)
  const cut = answering(events(said))
  await expect(all(cut.client.generateContentStream('gemini', { contents }))).rejects.toMatchObject(
    { code: 'stream_truncated' },
  )
})
