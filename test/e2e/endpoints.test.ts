import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import OpenAI from 'openai'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

const file = new File(['a recording'], 'talk.wav', { type: 'audio/wav' })
const contents = [{ role: 'user', parts: [{ text: 'hello' }] }]
const message = {
  model: 'claude-sonnet-4',
  max_tokens: 100,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
}

async function withKey() {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } } })
  return { gateway, client: new ARouter({ baseURL: gateway.url, apiKey: 'key', maxRetries: 0 }) }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

test('the same input has the same embedding, of length one, as floats and as base64', async () => {
  const { client } = await withKey()
  const request = { model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 8 }
  const { data, usage } = await client.createEmbedding(request)
  const [one, two] = data.map(({ embedding }) => embedding)
  expect(Math.hypot(...(one ?? []))).toBeCloseTo(1)
  expect(one).not.toEqual(two)
  expect(usage.cost).toBeGreaterThan(0)
  const again = await client.createEmbedding({ ...request, encoding_format: 'base64' })
  const bytes = Buffer.from(again.data[0]?.embedding ?? '', 'base64')
  expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual(one)
})

test('the openai package makes embeddings, transcripts and speech with the SDK’s fetch', async () => {
  const { client } = await withKey()
  const openai = new OpenAI({ baseURL: `${client.baseURL}/v1`, apiKey: 'key', fetch: client.fetch })
  const embedding = await openai.embeddings.create({
    model: 'text-embedding-3-small',
    input: 'one',
  })
  expect(embedding.data[0]?.embedding).toHaveLength(1_536)
  const { text } = await openai.audio.transcriptions.create({ model: 'whisper-1', file })
  expect(text).toContain('talk.wav')
  const sound = await openai.audio.speech.create({ model: 'tts-1', input: 'hi', voice: 'alloy' })
  expect(sound.headers.get('content-type')).toBe('audio/mpeg')
})

test('a recording is written down in every format', async () => {
  const { client } = await withKey()
  const request = { model: 'whisper-1', file }
  const said = 'A recording of 11 bytes called talk.wav.'
  expect(await client.createTranscription(request)).toEqual({ text: said })
  const text: string = await client.createTranscription({ ...request, response_format: 'text' })
  expect(text).toBe(`${said}\n`)
  expect(await client.createTranslation({ ...request, response_format: 'srt' })).toBe(
    `1\n00:00:00,000 --> 00:00:01,000\n${said}\n\n`,
  )
  expect(await client.createTranscription({ ...request, response_format: 'vtt' })).toMatch(
    /^WEBVTT\n/,
  )
  const verbose = await client.createTranscription({
    ...request,
    response_format: 'verbose_json',
    language: 'de',
    timestamp_granularities: ['word'],
  })
  expect(verbose).toMatchObject({ task: 'transcribe', language: 'de', duration: 1, text: said })
  expect(verbose.words).toHaveLength(said.split(' ').length)
  expect(
    await client.createTranslation({ ...request, response_format: 'verbose_json' }),
  ).toMatchObject({ task: 'translate', language: 'en' })
})

test.each([
  ['mp3', [0xff, 0xfb]],
  ['wav', [0x52, 0x49]],
] as const)('speech comes as %s', async (response_format, start) => {
  const { client } = await withKey()
  const request = { model: 'tts-1', input: 'hello there', voice: 'alloy', response_format }
  const bytes = new Uint8Array(await (await client.createSpeech(request)).arrayBuffer())
  expect([...bytes.slice(0, 2)]).toEqual(start)
})

test('Anthropic’s own form is answered, whole and streamed', async () => {
  const { client } = await withKey()
  const whole = await client.messages(message)
  expect(whole).toMatchObject({
    type: 'message',
    role: 'assistant',
    model: 'anthropic/claude-sonnet-4',
    stop_reason: 'end_turn',
    usage: { output_tokens: expect.any(Number) },
  })
  const events = await collect(client.messagesStream(message))
  expect(events.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
    'message_start',
    'content_block_start',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  const said = events.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? '')
  expect(said.join('').trim()).toBe(whole.content[0]?.text)
  expect(await client.messages({ ...message, max_tokens: 1 })).toMatchObject({
    stop_reason: 'max_tokens',
  })
})

test('Gemini’s own form is answered, whole and streamed', async () => {
  const { client } = await withKey()
  const whole = await client.generateContent('gemini-2.5-flash', { contents })
  expect(whole.candidates?.[0]).toMatchObject({ finishReason: 'STOP' })
  const pieces = await collect(client.generateContentStream('gemini-2.5-flash', { contents }))
  const textOf = (answer: typeof whole) => answer.candidates?.[0]?.content?.parts?.[0]?.text ?? ''
  expect(pieces.length).toBeGreaterThan(1)
  expect(pieces.map(textOf).join('').trim()).toBe(textOf(whole))
  expect(pieces.at(-1)?.usageMetadata).toEqual(whole.usageMetadata)
  const { models } = await client.listGeminiModels()
  expect(models.map(({ name }) => name)).toContain('models/gemini-2.5-flash')
})

test('MiniMax’s own form is answered, whole and streamed', async () => {
  const { client } = await withKey()
  const request = { model: 'minimax-m1', messages: [...HELLO.messages] }
  const whole = await client.minimaxChat(request)
  expect(whole).toMatchObject({ model: 'minimax/minimax-m1', base_resp: { status_code: 0 } })
  const pieces = await collect(client.minimaxChatStream(request))
  const said = pieces.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
  expect(said.trim()).toBe(whole.choices[0]?.message.content)
})

test('whether the gateway is there needs no credential, and costs nothing', async () => {
  const gateway = await startGateway()
  const { client } = payingClient(gateway, { signIn: 'never' })
  expect(await client.getHealth()).toEqual({ status: 'ok' })
  expect(gateway.state.counts()).toMatchObject({ payments: 0 })
})

test.each(['messagesStream', 'generateContentStream'] as const)(
  '%s that is cut, or reports an error, is a typed error',
  async (method) => {
    const { gateway, client } = await withKey()
    const read = () =>
      method === 'messagesStream'
        ? collect(client.messagesStream(message))
        : collect(client.generateContentStream('gemini-2.5-flash', { contents }))
    for (const [fault, code] of [
      ['truncate-stream', 'stream_truncated'],
      ['reset-stream', 'stream_reset'],
      ['stream-error', 'stream_error'],
      ['stream-malformed', 'stream_malformed'],
    ] as const) {
      gateway.faults.next(fault)
      expect(await failure(read())).toMatchObject({ name: 'StreamError', code })
    }
  },
)

test('a chat completion can be asked for by GET', async () => {
  const { client } = await withKey()
  const answer = await client.x402Chat({ model: 'arouter/echo', message: 'over & out' })
  expect(answer.choices[0]?.message.content).toBe('over & out')
})

test('a provider’s own API is reached with any method, and none but its own', async () => {
  const { client } = await withKey()
  const answer = await client.proxyRequest(
    'openai',
    'v1/files/1?a=2',
    { purpose: 'test' },
    { method: 'PUT', headers: { 'x-more': '1' } },
  )
  expect(await answer.json()).toEqual({
    provider: 'openai',
    method: 'PUT',
    path: 'v1/files/1',
    query: { a: '2' },
    type: 'application/json',
    body: '{"purpose":"test"}',
  })
  expect(await failure(client.proxyRequest('nobody', 'v1/x'))).toMatchObject({ statusCode: 404 })
  expect(await failure(client.proxyRequest('openai', '../api/v1/keys'))).toMatchObject({
    code: 'invalid_path',
  })
})

test('models are listed by what they put out', async () => {
  const { client } = await withKey()
  const idsOf = async (output_modalities: 'embeddings' | 'all') =>
    (await client.listModels({ output_modalities })).data.map(({ id }) => id)
  expect(await idsOf('embeddings')).toEqual(['openai/text-embedding-3-small'])
  expect(await idsOf('all')).toEqual(expect.arrayContaining(['openai/tts-1', 'openai/gpt-4o']))
})

test('with fallbacks the first model that there is answers', async () => {
  const { client } = await withKey()
  const request = { ...HELLO, model: 'nobody/nothing', models: ['x/y', 'gpt-4o:nitro'] }
  expect(await failure(client.chatCompletion(request))).toMatchObject({ statusCode: 400 })
  const answer = await client.chatCompletion({ ...request, route: 'fallback' })
  expect(answer.model).toBe('openai/gpt-4o')
})

const calls: Readonly<Record<string, (client: ARouter) => Promise<unknown>>> = {
  createEmbedding: (client) =>
    client.createEmbedding({ model: 'text-embedding-3-small', input: 'one' }),
  createTranscription: (client) => client.createTranscription({ model: 'whisper-1', file }),
  createSpeech: (client) => client.createSpeech({ model: 'tts-1', input: 'hi', voice: 'v' }),
  messages: (client) => client.messages(message),
  messagesStream: (client) => collect(client.messagesStream(message)),
  generateContent: (client) => client.generateContent('gemini-2.5-flash', { contents }),
  minimaxChat: (client) => client.minimaxChat({ model: 'minimax-m1', messages: HELLO.messages }),
  x402Chat: (client) => client.x402Chat({ model: 'gpt-4o', message: 'hi' }),
  proxyRequest: (client) => client.proxyRequest('openai', 'v1/models'),
}

test.each(Object.entries(calls))(
  '%s pays once for what it needs, and the credit serves the next call',
  async (_, call) => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    await call(client)
    await call(client)
    expect(signed.transfers).toBe(1)
    expect(gateway.state.conservation()).toMatchObject([{ holds: true }])
  },
)

test.each(Object.entries(calls))(
  '%s never pays twice for an answer that is lost',
  async (_, call) => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    gateway.faults.next('drop-after-settle')
    await call(client)
    expect(signed.transfers).toBe(1)
  },
)

test('what manages an account is answered over the wallet’s token and pays nothing', async () => {
  const gateway = await startGateway()
  const account = privateKeyToAccount(generatePrivateKey())
  const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url }), account, {
    store: memoryStore(),
  })
  expect(await client.getBalance()).toEqual({ balance: 0, currency: 'USD' })
  expect((await client.getKey()).data).toMatchObject({ limit: null, is_free_tier: true })
  expect(await collect(client.listTransactions())).toEqual([])
  expect((await client.getUsageSummary()).total_requests).toBe(0)
  expect(gateway.state.counts()).toMatchObject({ payments: 0, signIns: 1 })
})

test('an answer that has begun is never asked for again', async () => {
  const { gateway } = await withKey()
  const client = new ARouter({ baseURL: gateway.url, apiKey: 'key', maxRetries: 2 })
  for (const fault of ['truncate-body', 'reset-body'] as const) {
    gateway.faults.next(fault)
    await failure(client.chatCompletion(HELLO))
  }
  expect(gateway.state.counts().requests).toBe(2)
})
