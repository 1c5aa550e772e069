import {
  ARouter,
  type ARouterConfig,
  type ChatCompletionRequest,
  memoryStore,
  withX402EvmPayment,
} from '@arouter/sdk'
import { expect, test } from 'vitest'
import { countingAccount, failure } from '../support/harness'
import { base64, jwt, offer } from '../support/hostileGateway'

const ORIGIN = 'https://gateway.example'
const CHAT: ChatCompletionRequest = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }
const MIB = 1024 * 1024

/** A wallet's client whose gateway answers a first request with `answer`, and serves a paid one. */
function clientOf(answer: () => Response, config: ARouterConfig = {}) {
  const { account, signed } = countingAccount()
  const tokens: (string | null)[] = []
  const customFetch: typeof fetch = async (_, init) => {
    const headers = new Headers(init?.headers)
    tokens.push(headers.get('authorization'))
    return headers.has('payment-signature') ? Response.json({ choices: [] }) : answer()
  }
  const gateway = new ARouter({ baseURL: ORIGIN, maxRetries: 0, ...config, customFetch })
  const client = withX402EvmPayment(gateway, account, { store: memoryStore(), signIn: 'never' })
  return { client, signed, tokens }
}

const terms = (changes: object = {}, accepts: readonly unknown[] = [offer()]) => ({
  x402Version: 2,
  resource: { url: `${ORIGIN}/v1/chat/completions` },
  accepts,
  ...changes,
})
const inHeader = (value: string) => () =>
  new Response(null, { status: 402, headers: { 'payment-required': value } })
const inBody = (body: string) => () => new Response(body, { status: 402 })

/** `terms` in JSON, padded to exactly `size` bytes. */
function padded(size: number): string {
  const bare = JSON.stringify(terms({ pad: '' })).length
  return JSON.stringify(terms({ pad: 'x'.repeat(size - bare) }))
}

/** `terms` with an object of that many levels, counted from the outermost. */
const nested = (levels: number) =>
  JSON.stringify(terms()).replace(
    '{"x402',
    `{"deep":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)},"x402`,
  )

const offers = (count: number) =>
  terms(
    {},
    Array.from({ length: count }, (_, at) => offer({ amount: `${1_000_000 + at}` })),
  )

const encoded = (text: string) => Buffer.from(text).toString('base64')

/** Each bound, at it and past it. What is refused is refused before anything is signed. */
test.each<readonly [string, () => Response, () => Response, string]>([
  [
    'a header of 22,000 characters',
    inHeader(encoded(padded(16_500))),
    inHeader(encoded(padded(16_501))),
    'invalid_payment_required',
  ],
  [
    'a header of 16 levels',
    inHeader(encoded(nested(16))),
    inHeader(encoded(nested(17))),
    'invalid_payment_required',
  ],
  [
    'a header of 16 offers',
    inHeader(base64(offers(16))),
    inHeader(base64(offers(17))),
    'invalid_payment_required',
  ],
  ['a 402 body of 64 KiB', inBody(padded(65_536)), inBody(padded(65_537)), 'insufficient_credits'],
  ['a 402 body of 16 levels', inBody(nested(16)), inBody(nested(17)), 'insufficient_credits'],
  [
    'a 402 body of 16 offers',
    inBody(JSON.stringify(offers(16))),
    inBody(JSON.stringify(offers(17))),
    'invalid_payment_required',
  ],
])('%s is read, and not one more', async (_, within, beyond, code) => {
  const good = clientOf(within)
  await good.client.chatCompletion(CHAT)
  expect(good.signed.transfers).toBe(1)
  const bad = clientOf(beyond)
  expect(await failure(bad.client.chatCompletion(CHAT))).toMatchObject({ code, fundsMoved: 'no' })
  expect(bad.signed.transfers).toBe(0)
})

test('a token of 4,096 characters is taken, and not one more', async () => {
  for (const [size, taken] of [
    [4_096, true],
    [4_097, false],
  ] as const) {
    const bare = `${jwt({})}.`.length - 1
    const token = jwt({}) + 'A'.repeat(size - bare)
    const answers = [
      () => Response.json({ jwt: token }),
      () => Response.json({ choices: [] }),
    ].values()
    const { account } = countingAccount()
    const seen: (string | null)[] = []
    const customFetch: typeof fetch = async (_, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return answers.next().value?.() ?? Response.json({})
    }
    const gateway = new ARouter({ baseURL: ORIGIN, maxRetries: 0, customFetch })
    await withX402EvmPayment(gateway, account, { store: memoryStore() }).chatCompletion(CHAT)
    expect(seen[1]).toBe(taken ? `Bearer ${token}` : null)
  }
})

/** A body of `size` bytes that begins with `start`, made as it is read. */
function bodyOf(size: number, start: string): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(MIB).fill(0x20)
  let left = size
  return new ReadableStream({
    pull: (controller) => {
      if (left <= 0) return controller.close()
      const next = piece.slice(0, Math.min(left, MIB))
      if (left === size) next.set(new TextEncoder().encode(start))
      left -= next.length
      controller.enqueue(next)
    },
  })
}

test('a JSON answer of 64 MiB is read, and not one byte more, by every method that reads one', async () => {
  const answer = (size: number) => clientOf(() => new Response(bodyOf(size, '{}'))).client
  await expect(answer(64 * MIB).chatCompletion(CHAT)).resolves.toEqual({})
  for (const size of [64 * MIB + 1, Number.POSITIVE_INFINITY]) {
    for (const call of [answer(size).chatCompletion(CHAT), answer(size).listModels()]) {
      expect(await failure(call)).toMatchObject({ code: 'body_too_large', fundsMoved: 'no' })
    }
  }
})

test('an error body of 64 KiB is read, and of a larger one its status counts', async () => {
  const answer = (size: number, status = 418) =>
    clientOf(() => new Response(bodyOf(size, '{"error":{"message":"odd"}}'), { status })).client
  const said = (of: ARouter) => failure(of.chatCompletion(CHAT))
  expect(await said(answer(65_536))).toMatchObject({ statusCode: 418, code: 'unknown_error' })
  expect(String(await said(answer(65_536)))).toContain('odd')
  for (const size of [65_537, Number.POSITIVE_INFINITY]) {
    for (const [status, code] of [
      [401, 'authentication_error'],
      [402, 'insufficient_credits'],
      [403, 'unknown_error'],
      [429, 'rate_limit_exceeded'],
      [500, 'unknown_error'],
    ] as const) {
      const error = await said(answer(size, status))
      expect(error).toMatchObject({ statusCode: status, code, fundsMoved: 'no' })
      expect(String(error)).not.toContain('odd')
    }
  }
})

test('an endless 401 to a token leads to one sign-in, and an endless 402 with a header to one payment', async () => {
  const { account, signed } = countingAccount()
  const sent: string[] = []
  const customFetch: typeof fetch = async (url, init) => {
    const headers = new Headers(init?.headers)
    const endless = bodyOf(Number.POSITIVE_INFINITY, '{')
    sent.push(new URL(String(url)).pathname)
    if (sent.at(-1) === '/v1/x402/auth') return Response.json({ jwt: jwt({ at: sent.length }) })
    if (sent.length === 2) return new Response(endless, { status: 401 })
    if (headers.has('payment-signature')) return Response.json({ choices: [] })
    const required = { 'payment-required': base64(terms()) }
    return new Response(endless, { status: 402, headers: required })
  }
  const gateway = new ARouter({ baseURL: ORIGIN, maxRetries: 0, customFetch })
  const client = withX402EvmPayment(gateway, account, { store: memoryStore() })
  expect(await client.chatCompletion(CHAT)).toEqual({ choices: [] })
  expect(signed).toEqual({ transfers: 1, messages: 2 })
  const [chat, auth] = ['/v1/chat/completions', '/v1/x402/auth']
  expect(sent).toEqual([auth, chat, auth, chat, chat])
})

async function drain(answer: () => Response): Promise<number> {
  let chunks = 0
  for await (const _ of clientOf(answer).client.chatCompletionStream(CHAT)) chunks++
  return chunks
}

test('a line of 1 Mi and an event of 4 Mi characters are read, and not one more', async () => {
  const line = (size: number) => `data: ${'{"a":1}'.padEnd(size - 6)}`
  const stream = (events: string) => () => new Response(`${events}\n\ndata: [DONE]\n\n`)
  expect(await drain(stream(line(MIB)))).toBe(1)
  expect(await failure(drain(stream(line(MIB + 1))))).toMatchObject({ code: 'stream_too_long' })
  const lines = (last: number) => [...Array(4).fill(line(MIB)), line(last)].join('\n')
  const left = 4 * MIB - 4 * (MIB - 6) - 4
  const broken = await failure(drain(stream(lines(left + 6))))
  expect(broken).toMatchObject({ code: 'stream_malformed' }) // Read whole: five objects are no JSON.
  expect(await failure(drain(stream(lines(left + 7))))).toMatchObject({ code: 'stream_too_long' })
})

/** A body that gives a byte every few milliseconds, without end: never silent, never done. */
function dripping(): ReadableStream<Uint8Array> {
  let timer: ReturnType<typeof setInterval> | undefined
  return new ReadableStream({
    start: (controller) => {
      timer = setInterval(() => controller.enqueue(new Uint8Array(1).fill(0x20)), 5)
    },
    cancel: () => clearInterval(timer),
  })
}

test.each([
  ['402', 402, 'insufficient_credits'],
  ['401', 401, 'authentication_error'],
  ['500', 500, 'unknown_error'],
])('the body of a %s may take one timeout in all, however it drips', async (_, status, code) => {
  const { client, signed } = clientOf(() => new Response(dripping(), { status }), { timeout: 150 })
  expect(await failure(client.chatCompletion(CHAT))).toMatchObject({ code, fundsMoved: 'no' })
  expect(signed.transfers).toBe(0)
})
