import Anthropic from '@anthropic-ai/sdk'
import { createARouter } from '@arouter/ai-sdk'
import { ARouter, retrySafe } from '@arouter/sdk'
import { createOpenAI, openAIOptions } from '@arouter/sdk/openai'
import { ChatOpenAI } from '@langchain/openai'
import { generateText } from 'ai'
import OpenAI, { APIConnectionError, APIError } from 'openai'
import { describe, expect, test, vi } from 'vitest'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'

const hello = { ...HELLO, messages: [...HELLO.messages] }
const claude = { ...hello, model: 'anthropic/claude-sonnet-4', max_tokens: 100 }

/** Each library that sends again by itself, told to do so. */
const libraries: Readonly<Record<string, (client: ARouter) => Promise<unknown>>> = {
  openai: (client) => createOpenAI(client, { maxRetries: 3 }).chat.completions.create(hello),
  'openai, streaming': async (client) => {
    const openai = createOpenAI(client, { maxRetries: 3 })
    for await (const chunk of await openai.chat.completions.create({ ...hello, stream: true })) {
      void chunk
    }
  },
  LangChain: (client) =>
    new ChatOpenAI({
      model: hello.model,
      maxRetries: 3,
      configuration: openAIOptions(client),
    }).invoke('hello'),
  'Anthropic’s SDK': (client) =>
    new Anthropic({
      baseURL: client.baseURL,
      apiKey: 'unused',
      maxRetries: 3,
      fetch: retrySafe(client),
    }).messages.create(claude),
  'the AI SDK': (client) =>
    generateText({ model: createARouter(client)(hello.model), prompt: 'hello', maxRetries: 3 }),
}

describe.each(Object.entries(libraries))('%s', (_, ask) => {
  test('is answered after a payment whose answer was lost, on that one payment', async () => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    gateway.faults.next('drop-after-settle')
    await ask(client)
    expect(signed.transfers).toBe(1)
    expect(gateway.state.counts()).toMatchObject({ payments: 1 })
  })

  test('does not make a second payment of one whose outcome is unknown', async () => {
    const gateway = await startGateway({ signIn: 'off' })
    const { client, signed } = payingClient(gateway, { onUnconfirmed: 'retry-after-expiry' })
    gateway.faults.next('drop-after-settle', { times: 20 })
    const error = await failure(ask(client))
    expect(signed.transfers).toBe(1)
    expect(String(error)).toContain('Funds moved: maybe')
    expect((await client.payments.list()).map(({ state }) => state)).toEqual(['unknown'])
  })

  test('asks the owner of the wallet once, and takes no for an answer', async () => {
    const gateway = await startGateway()
    let asked = 0
    const approve = () => {
      asked += 1
      return false
    }
    const { client, signed } = payingClient(gateway, { approve })
    const error = await failure(ask(client))
    expect(String(error)).toContain('was not approved')
    expect(asked).toBe(1)
    expect(signed.transfers).toBe(0)
  })

  test('is answered after a gateway in trouble has recovered', async () => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    gateway.faults.next('5xx-before', { times: 2 })
    await ask(client)
    expect(signed.transfers).toBe(1)
  })
})

describe('createOpenAI', () => {
  const file = new File(['a recording'], 'talk.wav', { type: 'audio/wav' })

  test('has every resource of the gateway, on one payment', async () => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    const openai = createOpenAI(client)
    const answer = await openai.chat.completions.create(hello)
    expect(answer.choices[0]?.message.content).toContain('gpt-4o')
    const { data } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: 'hello',
    })
    expect(data[0]?.embedding).toHaveLength(1_536)
    const { text } = await openai.audio.transcriptions.create({ model: 'whisper-1', file })
    expect(text).toContain('talk.wav')
    const translated = await openai.audio.translations.create({ model: 'whisper-1', file })
    expect(translated.text).toContain('talk.wav')
    const speech = { model: 'tts-1', input: 'hi', voice: 'alloy' } as const
    expect((await openai.audio.speech.create(speech)).headers.get('content-type')).toBe(
      'audio/mpeg',
    )
    expect((await openai.models.list()).data.length).toBeGreaterThan(0)
    expect(signed.transfers).toBe(1)
  })

  test('streams, tells the usage, and hangs up where the loop is left', async () => {
    const gateway = await startGateway({ chunkDelay: 5 })
    const openai = createOpenAI(payingClient(gateway).client)
    const long = { ...hello, model: 'arouter/long', max_tokens: 20, stream: true } as const
    let tokens = 0
    for await (const { usage } of await openai.chat.completions.create({
      ...long,
      stream_options: { include_usage: true },
    })) {
      tokens = usage?.completion_tokens ?? tokens
    }
    expect(tokens).toBe(20)
    for await (const chunk of await openai.chat.completions.create(long)) {
      if (chunk.choices[0]?.delta.content) break
    }
    await expect.poll(() => gateway.state.counts().streamsAborted).toBe(1)
  })

  test('sends the key of an API-key client, and nothing the environment has for OpenAI', async () => {
    for (const name of ['API_KEY', 'ADMIN_KEY', 'ORG_ID', 'PROJECT_ID', 'BASE_URL']) {
      vi.stubEnv(`OPENAI_${name}`, 'https://not-for-the-gateway.example')
    }
    const gateway = await startGateway({ apiKeys: { mine: { balance: '$1' } } })
    const sent: Headers[] = []
    const customFetch: typeof fetch = (input, init) => {
      sent.push(new Headers(init?.headers))
      return fetch(input, init)
    }
    const client = new ARouter({ baseURL: gateway.url, apiKey: 'mine', customFetch })
    await createOpenAI(client).chat.completions.create(hello)
    vi.unstubAllEnvs()
    expect(sent.map((headers) => headers.get('authorization'))).toEqual(['Bearer mine'])
    expect(JSON.stringify(sent.map((headers) => [...headers]))).not.toContain('not-for-the-gateway')
  })

  test('fails with an APIError that has the code of the SDK, and what it says of funds', async () => {
    const gateway = await startGateway()
    const { client } = payingClient(gateway, { maxPerPayment: '$0.10' })
    const error = await failure(createOpenAI(client).chat.completions.create(hello))
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({
      status: 402,
      code: 'no_acceptable_offer',
      type: 'PaymentPolicyError',
      error: { funds_moved: 'no' },
    })
    const key = new ARouter({ baseURL: gateway.url, apiKey: 'wrong' })
    expect(await failure(createOpenAI(key).models.list())).toMatchObject({ status: 401 })
  })

  test('fails with the cause where there is no connection', async () => {
    const client = new ARouter({ baseURL: 'http://127.0.0.1:1', apiKey: 'key', maxRetries: 0 })
    const error = await failure(createOpenAI(client).models.list())
    expect(error).toBeInstanceOf(APIConnectionError)
    expect(error).toMatchObject({ cause: { code: 'connection_error', fundsMoved: 'no' } })
  })

  test('ends with the abort of its caller', async () => {
    const gateway = await startGateway()
    gateway.faults.next('hang-before')
    const controller = new AbortController()
    const openai = createOpenAI(payingClient(gateway, { signIn: 'never' }).client)
    const asked = failure(openai.chat.completions.create(hello, { signal: controller.signal }))
    await expect.poll(() => gateway.state.counts().requests).toBe(1)
    controller.abort()
    expect(await asked).toBeInstanceOf(OpenAI.APIUserAbortError)
  })
})
