import * as sdk from '@arouter/sdk'
import {
  ARouter,
  ARouterError,
  AuthenticationError,
  InsufficientCreditsError,
  memoryStore,
  QuotaExceededError,
  RateLimitError,
} from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, expectTypeOf, test } from 'vitest'
import { failure, HELLO, startGateway } from '../support/harness'

// The public API of ARouter's Node SDK 0.1.1, as it is documented: what was written for it goes on
// working here. Where its behaviour was a bug, the test says what is done instead.

/** The types it exported, by name: this compiles only while each is there. */
type Names = [
  sdk.WalletSigner,
  sdk.SIWxOptions,
  sdk.SIWxAuthResult,
  sdk.X402Signer,
  sdk.X402Options,
  sdk.PaymentRequired,
  sdk.ARouterConfig,
  sdk.Message,
  sdk.ToolCall,
  sdk.Tool,
  sdk.ChatCompletionRequest,
  sdk.ChatCompletionResponse,
  sdk.ChatCompletionChunk,
  sdk.Choice,
  sdk.ChunkChoice,
  sdk.Usage,
  sdk.EmbeddingRequest,
  sdk.EmbeddingResponse,
  sdk.EmbeddingData,
  sdk.EmbeddingUsage,
  sdk.ModelListResponse,
  sdk.ModelInfo,
  sdk.KeyObject,
  sdk.CreateKeyRequest,
  sdk.CreateKeyResponse,
  sdk.UpdateKeyRequest,
  sdk.UpdateKeyResponse,
  sdk.ListKeysOptions,
  sdk.ListKeysResponse,
  sdk.DeleteKeyResponse,
  sdk.UsageQuery,
  sdk.UsageSummary,
  sdk.ProviderUsage,
  sdk.ModelUsage,
  sdk.UsageTimeSeries,
  sdk.UsageDataPoint,
  sdk.ARouterErrorBody,
  sdk.AudioResponseFormat,
  sdk.TimestampGranularity,
  sdk.TranscriptionRequest,
  sdk.TranscriptionResponse,
  sdk.TranscriptionWord,
  sdk.TranscriptionSegment,
  sdk.TranslationRequest,
  sdk.TranslationResponse,
]

const MANAGER = 'lr_mgmt_key'
const KEY = 'lr_live_key'

async function withKeys() {
  const apiKeys = {
    [MANAGER]: { balance: '$1', account: 'a' },
    [KEY]: { balance: '$1', account: 'a' },
  } as const
  const gateway = await startGateway({ apiKeys })
  const open = (apiKey: string) => new ARouter({ baseURL: gateway.url, apiKey })
  return { gateway, client: open(KEY), manager: open(MANAGER) }
}

/** A client all of whose requests are answered like this. */
const answered = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new ARouter({
    baseURL: 'https://gateway.example',
    apiKey: 'key',
    maxRetries: 0,
    customFetch: async () => new Response(JSON.stringify(body), { status, headers }),
  })

test('everything it exported is there', () => {
  expectTypeOf<Names['length']>().toEqualTypeOf<45>()
  expect(Object.keys(sdk)).toEqual(
    expect.arrayContaining([
      'ARouter',
      'ARouterError',
      'AuthenticationError',
      'RateLimitError',
      'QuotaExceededError',
      'InsufficientCreditsError',
      'withX402EvmPayment',
      'withX402SolanaPayment',
      'withX402Payment',
      'authenticateWithSIWx',
      'withSIWxAuth',
      'withX402',
    ]),
  )
})

test('its errors are made with the same arguments and say the same', () => {
  expect(new ARouterError(418, 'teapot', 'no coffee')).toMatchObject({
    statusCode: 418,
    code: 'teapot',
    message: 'no coffee',
  })
  const pairs = [
    [new AuthenticationError('m'), 401, 'authentication_error'],
    [new RateLimitError('m', 3), 429, 'rate_limit_exceeded'],
    [new QuotaExceededError('m'), 403, 'quota_exceeded'],
    [new InsufficientCreditsError('m', 'terms'), 402, 'insufficient_credits'],
  ] as const
  for (const [error, statusCode, code] of pairs) {
    expect(error).toBeInstanceOf(ARouterError)
    expect(error).toMatchObject({ statusCode, code, message: 'm' })
  }
  expect(pairs[1][0].retryAfter).toBe(3)
  expect(pairs[3][0].paymentRequired).toBe('terms')
})

test('its signatures compile', () => {
  type Client = ARouter
  expectTypeOf<ConstructorParameters<typeof ARouter>[0]>().extract<object>().toExtend<{
    baseURL?: string
    apiKey?: string
    timeout?: number
    customFetch?: typeof fetch
  }>()
  expectTypeOf<Client['cloneWith']>().toBeCallableWith({ timeout: 1 })
  expectTypeOf<Client['proxyRequest']>().toBeCallableWith('openai', 'v1/x', { a: 1 })
  expectTypeOf<Client['listModels']>().toBeCallableWith()
  expectTypeOf<Client['listKeys']>().toBeCallableWith({ include_disabled: true })
  expectTypeOf<Client['updateKey']>().toBeCallableWith('hash', { limit: 3 })
  expectTypeOf<Client['getUsageSummary']>().toBeCallableWith({ start_time: '', end_time: '' })
  expectTypeOf<Client['chatCompletionStream']>().returns.toExtend<
    AsyncIterable<sdk.ChatCompletionChunk>
  >()
  expectTypeOf<ReturnType<Client['proxyRequest']>>().toExtend<Promise<Response>>()
  expectTypeOf<ReturnType<typeof sdk.withX402Payment>>().toEqualTypeOf<ARouter>()
  expectTypeOf<ReturnType<typeof sdk.withSIWxAuth>>().toEqualTypeOf<Promise<ARouter>>()
  expectTypeOf<sdk.SIWxAuthResult>().toExtend<{ jwt: string; tenantId: string; keyId: string }>()
})

test('its calls are answered', async () => {
  const { client, manager } = await withKeys()
  const request: sdk.ChatCompletionRequest = {
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'hello' }],
    max_tokens: 50,
  }
  const { choices } = await client.chatCompletion(request)
  expect(choices[0]?.message.content).toContain('gpt-4o')
  let text = ''
  for await (const chunk of client.chatCompletionStream(request)) {
    text += chunk.choices[0]?.delta.content ?? ''
  }
  expect(text.trim()).toBe(choices[0]?.message.content)
  expect((await client.listModels()).data.map(({ id }) => id)).toContain('openai/gpt-4o')
  const embedded = await client.createEmbedding({ model: 'text-embedding-3-small', input: 'a' })
  expect(embedded.data[0]?.embedding[0]).toBeTypeOf('number')
  const file = new Blob(['sound'], { type: 'audio/mpeg' })
  const audio: sdk.TranscriptionRequest = { model: 'whisper-1', file }
  expect((await client.createTranscription(audio)).text).toContain('audio.mp3')
  expect((await client.createTranslation(audio)).text).toContain('audio.mp3')
  expect((await client.proxyRequest('openai', 'v1/x', { a: 1 })).ok).toBe(true)
  const { key, data } = await manager.createKey({ name: 'n', limit: 1 })
  expect(key).toBeTypeOf('string')
  expect((await manager.listKeys({ page_size: 10 })).data.length).toBe(3)
  expect((await manager.updateKey(data.hash, { name: 'm' })).data.name).toBe('m')
  expect((await manager.deleteKey(data.hash)).data.deleted).toBe(true)
  const range = { start_time: '2020-01-01T00:00:00Z', end_time: '2100-01-01T00:00:00Z' }
  expect((await manager.getUsageSummary(range)).total_requests).toBe(6)
  const series = await manager.getUsageTimeSeries({ ...range, granularity: 'daily' })
  expect(series.data_points.reduce((sum, { requests }) => sum + requests, 0)).toBe(6)
})

test('stream is set by the method, trailing slashes go, and a request is not changed', async () => {
  const bodies: unknown[] = []
  const urls: string[] = []
  const client = new ARouter({
    baseURL: 'https://gateway.example/base//',
    apiKey: 'key',
    customFetch: async (input, init) => {
      urls.push(String(input))
      bodies.push(JSON.parse(String(init?.body)))
      return new Response('data: [DONE]\n\n')
    },
  })
  const request = Object.freeze({ ...HELLO, stream: true, my_field: 1 })
  await failure(client.chatCompletion(request))
  for await (const _ of client.chatCompletionStream({ ...request, stream: false })) break
  expect(bodies).toEqual([
    { ...request, stream: false },
    { ...request, stream: true },
  ])
  expect(urls[0]).toBe('https://gateway.example/base/v1/chat/completions')
})

test('a timeout says how long it was, with the code timeout and no status', async () => {
  const gateway = await startGateway()
  gateway.faults.next('hang-before')
  const client = new ARouter({ baseURL: gateway.url, apiKey: 'key', timeout: 50 })
  expect(await failure(client.listModels())).toMatchObject({
    statusCode: 0,
    code: 'timeout',
    message: expect.stringMatching(/^Request timed out after 50ms/),
  })
})

test('the message of an error quotes error.message, else message, else the status text', async () => {
  const said = async (body: unknown) => {
    const error = await failure(answered(418, body).listModels())
    return error instanceof ARouterError ? [error.message.split('. Funds')[0], error.code] : error
  }
  expect(await said({ error: { message: 'inner', type: 't' }, message: 'outer' })).toEqual([
    'The gateway answered 418: "inner"',
    't', // It said unknown_error, and the type was lost.
  ])
  expect(await said({ message: 'outer', code: 'c' })).toEqual([
    'The gateway answered 418: "outer"',
    'c',
  ])
  expect(await said({})).toEqual(['The gateway answered 418', 'unknown_error'])
})

test('a 402 keeps its terms as they came, also without a wallet', async () => {
  const gateway = await startGateway()
  const error = await failure(
    new ARouter({ baseURL: gateway.url, apiKey: '' }).chatCompletion(HELLO),
  )
  if (!(error instanceof InsufficientCreditsError)) throw error
  const terms: sdk.PaymentRequired = JSON.parse(
    Buffer.from(error.paymentRequired ?? '', 'base64').toString(),
  )
  expect(terms.accepts[0]?.scheme).toBe('exact')
})

test('a 402 without terms is an InsufficientCreditsError; it was an error of no class', async () => {
  const gateway = await startGateway({ challenge: 'none' })
  const signer = privateKeyToAccount(generatePrivateKey())
  const client = sdk.withX402EvmPayment(new ARouter({ baseURL: gateway.url, apiKey: '' }), signer, {
    store: memoryStore(),
  })
  expect(await failure(client.chatCompletion(HELLO))).toBeInstanceOf(InsufficientCreditsError)
})

test('Retry-After may be a date; it was not a number', async () => {
  const date = new Date(Date.now() + 120_000).toUTCString()
  const error = await failure(answered(429, {}, { 'retry-after': date }).listModels())
  expect(error).toBeInstanceOf(RateLimitError)
  expect((error as RateLimitError).retryAfter).toBeGreaterThan(60)
})

test('with wallets a client is made at once, and the one it is made of does not change', async () => {
  const gateway = await startGateway()
  const plain = new ARouter({ baseURL: gateway.url, apiKey: '' })
  const evm = privateKeyToAccount(generatePrivateKey())
  const solana = Keypair.generate()
  const statement = 'Hello'
  const clients = [
    sdk.withX402EvmPayment(plain, evm, { statement }),
    sdk.withX402SolanaPayment(plain, solana, undefined, { statement }),
    sdk.withX402Payment(plain, { evm: { signer: evm }, solana: { signer: solana } }),
    sdk.withX402(plain, { signer: evm, maxRetries: 1 }), // It never paid.
    sdk.withX402(plain, { signer: solana }),
  ]
  for (const client of clients) {
    expect(client).toBeInstanceOf(ARouter)
    expect(client).not.toBe(plain)
    await client.chatCompletion(HELLO)
  }
  expect(await failure(plain.chatCompletion(HELLO))).toMatchObject({ statusCode: 402 })
  expect(new Set(gateway.state.payments.map(({ payer }) => payer)).size).toBe(2)
  expect(gateway.state.counts().payments).toBe(2)
})

test('a failed call rejects nobody else’s promise, and customFetch is used to sign in too', async () => {
  const gateway = await startGateway()
  const paths: string[] = []
  const customFetch: typeof fetch = (input, init) => {
    paths.push(new URL(String(input)).pathname)
    return fetch(input, init)
  }
  const plain = new ARouter({ baseURL: gateway.url, apiKey: '', customFetch, maxRetries: 0 })
  const client = sdk.withX402EvmPayment(plain, privateKeyToAccount(generatePrivateKey()), {
    store: memoryStore(),
  })
  gateway.faults.next('reset-before', { times: 99 })
  await Promise.all([1, 2, 3].map(() => failure(client.chatCompletion(HELLO))))
  gateway.faults.clear()
  await client.chatCompletion(HELLO)
  expect(paths).toContain('/v1/x402/auth')
})

test('a wrong API key is refused once; it was exchanged for a wallet', async () => {
  const { gateway } = await withKeys()
  const wrong = new ARouter({ baseURL: gateway.url, apiKey: 'lr_live_wrong' })
  expect(await failure(wrong.chatCompletion(HELLO))).toBeInstanceOf(AuthenticationError)
  expect(gateway.state.counts()).toMatchObject({ requests: 1, signIns: 0 })
})

test('a hash goes out encoded', async () => {
  const { manager, gateway } = await withKeys()
  expect(await failure(manager.deleteKey('a/../b?c'))).toMatchObject({ statusCode: 404 })
  expect(gateway.state.requests.at(-1)?.path).toBe('/api/v1/keys/a%2F..%2Fb%3Fc')
})
