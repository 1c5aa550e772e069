import { ARouter, memoryStore, withX402EvmPayment } from '@arouter/sdk'
import { createOpenAI } from '@arouter/sdk/openai'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { expectHidden } from '../support/canaries'
import { failure, HELLO, payingClient, startGateway } from '../support/harness'
import { startHostileGateway } from '../support/hostileGateway'
import { keepContext, watchTelemetry } from '../support/watchTelemetry'

const ASK = { ...HELLO, max_tokens: 50, temperature: 0.5, top_p: 0.9, seed: 7 }
const CLAUDE = { ...HELLO, model: 'claude-sonnet-4', max_tokens: 50 }
const GEMINI = {
  contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
  generationConfig: { maxOutputTokens: 50, topK: 3 },
}

async function watched(options: Parameters<typeof startGateway>[0] = {}) {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } }, ...options })
  const watch = watchTelemetry()
  const { telemetry } = watch
  const keyed = new ARouter({ baseURL: gateway.url, apiKey: 'key', maxRetries: 0, telemetry })
  return { gateway, keyed, ...watch, wallet: () => payingClient(gateway, {}, { telemetry }) }
}

async function drain(items: AsyncIterable<unknown>) {
  for await (const item of items) void item
}

test('a call is a GenAI span, with its requests below it', async () => {
  const { gateway, wallet, spans } = await watched()
  const { port } = new URL(gateway.url)
  const { client } = wallet()
  const { id, usage } = await client.chatCompletion(ASK)
  const [payment] = gateway.state.payments
  const call = spans().find(({ name }) => name === 'chat openai/gpt-4o')
  expect(call?.kind).toBe(SpanKind.CLIENT)
  expect(call?.status.code).toBe(SpanStatusCode.UNSET)
  expect(call?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'arouter',
    'gen_ai.request.model': 'openai/gpt-4o',
    'gen_ai.request.max_tokens': 50,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.request.top_p': 0.9,
    'gen_ai.request.seed': 7,
    'gen_ai.response.id': id,
    'gen_ai.response.model': 'openai/gpt-4o',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': usage?.prompt_tokens,
    'gen_ai.usage.output_tokens': usage?.completion_tokens,
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'arouter.cost': usage?.cost,
    'arouter.payment.id': expect.any(String),
    'arouter.payment.network': 'eip155:8453',
    'arouter.payment.amount': 1,
    'arouter.payment.state': 'settled',
    'arouter.payment.transaction': payment?.transaction,
  })
  const requests = spans().filter(({ name }) => name === 'POST /v1/chat/completions')
  expect(requests.map(({ attributes }) => attributes)).toEqual([
    {
      'http.request.method': 'POST',
      'http.response.status_code': 402,
      'error.type': '402',
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'url.full': `${gateway.url}/v1/chat/completions`,
      'url.template': '/v1/chat/completions',
    },
    {
      'http.request.method': 'POST',
      'http.request.resend_count': 1,
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'url.full': `${gateway.url}/v1/chat/completions`,
      'url.template': '/v1/chat/completions',
    },
  ])
  for (const { parentSpanContext } of requests) {
    expect(parentSpanContext?.spanId).toBe(call?.spanContext().spanId)
  }
})

test('signing in is below the call too, and a payment is an event on it, where context is kept', async () => {
  keepContext()
  const { wallet, spans, tracer } = await watched()
  const { client } = wallet()
  const agent = tracer.startSpan('agent')
  await context.with(trace.setSpan(context.active(), agent), () => client.chatCompletion(ASK))
  const call = spans().find(({ name }) => name === 'chat openai/gpt-4o')
  expect(call?.parentSpanContext?.spanId).toBe(agent.spanContext().spanId)
  const signIns = spans().filter(({ name }) => name === 'POST /v1/x402/auth')
  expect(signIns.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toContain(
    call?.spanContext().spanId,
  )
  const payment = { 'arouter.payment.network': 'eip155:8453', 'arouter.payment.amount': 1 }
  expect(call?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['arouter.signed-in', {}],
    ['arouter.payment-signed', payment],
    ['arouter.payment-settled', payment],
    ['arouter.payment-closed', payment],
  ])
})

const forms: Readonly<
  Record<string, readonly [string, Record<string, unknown>, (client: ARouter) => Promise<unknown>]>
> = {
  'a stream': [
    'chat openai/gpt-4o',
    { 'gen_ai.response.finish_reasons': ['stop'] },
    (client) =>
      drain(client.chatCompletionStream({ ...ASK, stream_options: { include_usage: true } })),
  ],
  'the openai package': [
    'chat openai/gpt-4o',
    { 'gen_ai.request.seed': 7 },
    (client) =>
      createOpenAI(client).chat.completions.create({ ...ASK, messages: [...ASK.messages] }),
  ],
  'Anthropic’s form': [
    'chat claude-sonnet-4',
    {
      'gen_ai.response.model': 'anthropic/claude-sonnet-4',
      'gen_ai.response.finish_reasons': ['end_turn'],
    },
    (client) => client.messages(CLAUDE),
  ],
  'Anthropic’s stream': [
    'chat claude-sonnet-4',
    {
      'gen_ai.response.model': 'anthropic/claude-sonnet-4',
      'gen_ai.response.finish_reasons': ['end_turn'],
    },
    (client) => drain(client.messagesStream(CLAUDE)),
  ],
  'Gemini’s form': [
    'generate_content gemini-2.5-flash',
    { 'gen_ai.request.max_tokens': 50, 'gen_ai.request.top_k': 3 },
    (client) => client.generateContent('gemini-2.5-flash', GEMINI),
  ],
  'Gemini’s stream': [
    'generate_content gemini-2.5-flash',
    { 'gen_ai.response.finish_reasons': ['STOP'] },
    (client) => drain(client.generateContentStream('gemini-2.5-flash', GEMINI)),
  ],
  'a GET': [
    'chat gpt-4o',
    { 'gen_ai.response.model': 'openai/gpt-4o' },
    (client) => client.x402Chat({ model: 'gpt-4o', message: 'hello' }),
  ],
}

test.each(Object.entries(forms))('%s tells model and tokens', async (_, [name, facts, ask]) => {
  const { keyed, spans, metrics } = await watched()
  await ask(keyed)
  const call = spans().find((span) => span.name === name)
  expect(call?.attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 5,
    'gen_ai.usage.output_tokens': expect.any(Number),
    ...facts,
  })
  const tokens = (await metrics()).filter((metric) => metric.name === 'gen_ai.client.token.usage')
  expect(tokens.map(({ attributes }) => attributes['gen_ai.token.type'])).toEqual([
    'input',
    'output',
  ])
})

test('an embedding has the tokens of its input', async () => {
  const { keyed, spans } = await watched()
  await keyed.createEmbedding({ model: 'text-embedding-3-small', input: 'hello' })
  const call = spans().find(({ name }) => name === 'embeddings text-embedding-3-small')
  expect(call?.attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 2 })
})

test('what is no inference is an HTTP span alone', async () => {
  const { gateway, keyed, spans } = await watched()
  await keyed.listModels({ output_modalities: 'all' })
  await keyed.proxyRequest('openai', 'v1/files/a-secret-id')
  expect(spans().map(({ name, attributes }) => [name, attributes['url.full']])).toEqual([
    ['GET /v1/models', `${gateway.url}/v1/models`],
    ['GET', `${gateway.url}/*`],
  ])
})

describe('a call that fails says how, on its span and on its duration', () => {
  const failures: Readonly<
    Record<
      string,
      readonly [string, (parts: Awaited<ReturnType<typeof watched>>) => Promise<unknown>]
    >
  > = {
    'the status of a refusal': [
      '400',
      ({ keyed }) => keyed.chatCompletion({ ...ASK, model: 'nobody/nothing' }),
    ],
    'the code of an error': [
      'connection_error',
      ({ telemetry }) =>
        new ARouter({
          baseURL: 'http://127.0.0.1:1',
          apiKey: 'k',
          maxRetries: 0,
          telemetry,
        }).chatCompletion(ASK),
    ],
    'the code of a limit': [
      'no_acceptable_offer',
      ({ gateway, telemetry }) =>
        payingClient(gateway, { maxPerPayment: '$0.01' }, { telemetry }).client.chatCompletion(ASK),
    ],
    'the name of what broke a stream': [
      'TypeError',
      ({ gateway, keyed }) => {
        gateway.faults.next('reset-stream')
        return drain(keyed.chatCompletionStream(ASK))
      },
    ],
  }
  test.each(Object.entries(failures))('%s', async (_, [type, fail]) => {
    const parts = await watched()
    await failure(fail(parts))
    const call = parts.spans().find(({ name }) => name.startsWith('chat'))
    expect(call?.attributes['error.type']).toBe(type)
    expect(call?.status.code).toBe(SpanStatusCode.ERROR)
    const durations = (await parts.metrics()).filter(
      ({ name }) => name === 'gen_ai.client.operation.duration',
    )
    expect(durations.map(({ attributes }) => attributes['error.type'])).toEqual([type])
  })

  test('but not where its reader has had enough', async () => {
    const { gateway, keyed, spans } = await watched({ chunkDelay: 5 })
    for await (const chunk of keyed.chatCompletionStream({ ...ASK, model: 'arouter/long' })) {
      if (chunk.choices[0]?.delta.content) break
    }
    await expect.poll(() => gateway.state.counts().streamsAborted).toBe(1)
    const call = spans().find(({ name }) => name === 'chat arouter/long')
    expect(call?.attributes).not.toHaveProperty('error.type')
  })
})

test('metrics tell what was asked, used, sent, paid and signed in for', async () => {
  const { gateway, wallet, metrics } = await watched()
  const { client } = wallet()
  await client.chatCompletion(ASK)
  await client.chatCompletion(ASK)
  const series = (await metrics()).map(({ name, unit, value }) => {
    const count = typeof value === 'number' ? value : value.count
    return [name, unit, count]
  })
  expect(series).toEqual(
    expect.arrayContaining([
      ['gen_ai.client.operation.duration', 's', 2],
      ['gen_ai.client.token.usage', '{token}', 2],
      ['http.client.request.duration', 's', 2],
      ['arouter.client.payments', '{payment}', 1],
      ['arouter.client.payment.amount', '{USDC}', 1],
      ['arouter.client.cost', '{USDC}', Number(gateway.state.counts().charged) / 1e6],
    ]),
  )
})

test('payments that are refused, or of unknown outcome, are counted as that', async () => {
  const { gateway, telemetry, metrics } = await watched({ signIn: 'off' })
  gateway.faults.next('drop-after-settle', { times: 9 })
  await failure(payingClient(gateway, {}, { telemetry }).client.chatCompletion(ASK))
  const payments = (await metrics()).filter(({ name }) => name === 'arouter.client.payments')
  expect(payments.map(({ attributes }) => attributes['arouter.payment.outcome'])).toContain(
    'unknown',
  )
})

test('a client for another origin, or with a wallet, is watched as the one it was made of', async () => {
  const { gateway, telemetry, spans } = await watched()
  const bare = new ARouter({ baseURL: 'https://gateway.example', telemetry })
  const client = bare.cloneWith({ baseURL: gateway.url, apiKey: 'key' })
  await client.chatCompletion(ASK)
  expect(spans().map(({ name }) => name)).toContain('chat openai/gpt-4o')
})

describe('no secret is in any attribute, event or status', () => {
  const random = () => crypto.randomUUID()

  test('of a wallet that signs in and pays a gateway that echoes all it is sent', async () => {
    keepContext()
    const honest = await startGateway()
    const secrets: string[] = []
    const server = await startHostileGateway(async (seen, response) => {
      const headers = Object.entries(seen.headers).filter(([name]) =>
        /authorization|payment|sign-in/.test(name),
      )
      secrets.push(...headers.map(([, value]) => String(value).replace('Bearer ', '')))
      const answer = await honest.fetch(seen.path, {
        method: seen.method,
        headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
        ...(seen.body && { body: seen.body }),
      })
      const terms = answer.headers.get('payment-required')
      const receipt = answer.headers.get('payment-response')
      const moved = terms && withUrl(terms, server.url)
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'x-request-id': secrets.join(' '),
        ...(moved && { 'payment-required': moved }),
        ...(receipt && { 'payment-response': receipt }),
      })
      const told = secrets.join(' ')
      const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.1 }
      const echo = { id: told, model: told, choices: [{ finish_reason: told }], usage }
      response.end(
        answer.ok && !/auth/.test(seen.path) ? JSON.stringify(echo) : await answer.text(),
      )
    })
    const { telemetry, spans, metrics } = watchTelemetry()
    const key = generatePrivateKey()
    const prompt = `the words ${random()} of a prompt`
    const client = withX402EvmPayment(
      new ARouter({ baseURL: server.url, telemetry, maxRetries: 0 }),
      privateKeyToAccount(key),
      { store: memoryStore(), signIn: 'never' },
    )
    const ask = () =>
      client.chatCompletion({ model: 'gpt-4o', messages: [{ role: 'user', content: prompt }] })
    await ask()
    await ask()
    expect(secrets.filter((secret) => secret.length > 100).length).toBeGreaterThan(1)
    expect(spans().filter(({ name }) => name === 'chat gpt-4o')).toHaveLength(2)
    expectHidden([spans().map(plain), await metrics()], [key, key.slice(2), prompt, ...secrets])
  })

  test.each(['authorization', 'x-api-key', 'x-goog-api-key', '?key='])(
    'of a key that is sent as %s, nor of what is asked and answered',
    async (place) => {
      const key = `any-form-of-key-${random()}`
      const prefix = `a-token-in-a-path-${random()}`
      const [prompt, answer] = [`what was asked ${random()}`, `what was answered ${random()}`]
      const server = await startHostileGateway(({ path, headers, body }, response) => {
        const heard = JSON.stringify([decodeURIComponent(path.replaceAll('+', ' ')), headers, body])
        const told = [key, prompt].filter((secret) => heard.includes(secret)).join(' ')
        const message = { role: 'assistant', content: answer }
        response.setHeader('content-type', 'application/json')
        const choices = [{ message, finish_reason: told }]
        response.end(JSON.stringify({ id: told, model: told, choices }))
      })
      const { telemetry, spans, metrics } = watchTelemetry()
      const baseURL = `${server.url}/${prefix}`
      const apiKey = place === 'authorization' ? key : ''
      const client = new ARouter({ baseURL, apiKey, telemetry })
      const path = place === '?key=' ? `/v1/chat/completions?key=${key}` : '/v1/chat/completions'
      const response = await client.fetch(path, {
        method: 'POST',
        headers: place.startsWith('x-') ? { [place]: key } : {},
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: prompt }] }),
      })
      expect(await response.text()).toContain(answer)
      await client.proxyRequest('openai', `v1/files/${key}`)
      await client.x402Chat({ model: 'm', message: prompt })
      expect(spans().length).toBeGreaterThan(4)
      expectHidden([spans().map(plain), await metrics()], [key, prefix, prompt, answer])
    },
  )
})

/** What an exporter sees of a span. */
function plain(span: ReturnType<ReturnType<typeof watchTelemetry>['spans']>[number]) {
  const { name, attributes, events, status, links, resource } = span
  return { name, attributes, events, status, links, resource: resource.attributes }
}

function withUrl(header: string, url: string): string {
  const terms = JSON.parse(Buffer.from(header, 'base64').toString())
  terms.resource.url = url
  return Buffer.from(JSON.stringify(terms)).toString('base64')
}
