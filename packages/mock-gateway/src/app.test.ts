import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { chat, withHeaders } from './testing/chat'
import { startGateway } from './testing/startGateway'

const apiKeys = { key: { balance: '$1' } } as const
const key = { authorization: 'Bearer key' }

const expectError = async (response: Response, status: number, type: string) => {
  expect(response.status).toBe(status)
  const body = await response.json()
  expect(body).toEqual({ error: { message: expect.any(String), type } })
  expect(body.error.message).not.toMatch(/\bat\b .*:\d+|node_modules|Error:/)
}

test('healthz needs no credentials', async () => {
  const gateway = await startGateway()
  expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ status: 'ok' })
})

test.each([
  ['GET', '/elsewhere'],
  ['GET', '/panel/other.css'],
  ['GET', '/panel/..%2fpackage.json'],
  ['GET', '/v1/chat/completions'],
  ['POST', '/v1/models'],
  ['DELETE', '/v1/x402/auth'],
  ['POST', '/rpc/eip155:1'],
])('%s %s is a 404 in the documented shape', async (method, path) => {
  const gateway = await startGateway()
  await expectError(await fetch(`${gateway.url}${path}`, { method }), 404, 'invalid_request_error')
})

test.each<[string, unknown]>([
  ['no JSON', '{"model":'],
  ['an empty body', ''],
  ['an array', '[]'],
  ['null', 'null'],
  ['no model', { messages: [{ role: 'user', content: 'x' }] }],
  ['a model that is a number', { model: 1, messages: [{ role: 'user', content: 'x' }] }],
  ['an unknown model', { model: 'x/y', messages: [{ role: 'user', content: 'x' }] }],
  ['no messages', { model: 'gpt-4o' }],
  ['empty messages', { model: 'gpt-4o', messages: [] }],
  ['a message that is null', { model: 'gpt-4o', messages: [null] }],
  ['an unknown role', { model: 'gpt-4o', messages: [{ role: 'boss', content: 'x' }] }],
  ['content that is a number', { model: 'gpt-4o', messages: [{ role: 'user', content: 1 }] }],
  ['parts without a type', { model: 'gpt-4o', messages: [{ role: 'user', content: [{}] }] }],
  ['stream that is a string', { ...JSON.parse(String(chat('x').body)), stream: 'yes' }],
  [
    'stream_options that are a list',
    { ...JSON.parse(String(chat('x').body)), stream: true, stream_options: [] },
  ],
  [
    'include_usage that is a number',
    { ...JSON.parse(String(chat('x').body)), stream: true, stream_options: { include_usage: 1 } },
  ],
  ['max_tokens below one', { ...JSON.parse(String(chat('x').body)), max_tokens: 0 }],
  ['a temperature of three', { ...JSON.parse(String(chat('x').body)), temperature: 3 }],
])('a chat request with %s is a 400', async (_, body) => {
  const gateway = await startGateway({ apiKeys })
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: key,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  await expectError(response, 400, 'invalid_request_error')
  expect(gateway.state.counts().charged).toBe(0n)
})

test.each([
  'message=x',
  'model=arouter/echo',
  'model=arouter/echo&message=x&stream=1',
  'model=arouter/echo&message=x&max_tokens=many',
  'model=arouter/echo&message=x&temperature=-1',
])('GET /v1/x402/chat?%s is a 400', async (query) => {
  const gateway = await startGateway({ apiKeys })
  await expectError(
    await fetch(`${gateway.url}/v1/x402/chat?${query}&key=key`),
    400,
    'invalid_request_error',
  )
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const accepted = { scheme: 'exact', network: 'eip155:8453', amount: '1000000' }

test.each<[string, string]>([
  ['not base64', '!!!'],
  ['unpadded', 'e30'],
  ['not JSON', Buffer.from('hello!').toString('base64')],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]).toString('base64')],
  ['an array', encode([])],
  ['version 1', encode({ x402Version: 1 })],
  ['without accepted', encode({ x402Version: 2, payload: {} })],
  [
    'of another scheme',
    encode({ x402Version: 2, accepted: { ...accepted, scheme: 'upto' }, payload: {} }),
  ],
  [
    'of a negative amount',
    encode({ x402Version: 2, accepted: { ...accepted, amount: '-1' }, payload: {} }),
  ],
  [
    'of an amount that is a number',
    encode({ x402Version: 2, accepted: { ...accepted, amount: 1 }, payload: {} }),
  ],
  ['without a payload', encode({ x402Version: 2, accepted })],
  [
    'without an authorization',
    encode({ x402Version: 2, accepted, payload: { signature: '0x11' } }),
  ],
  [
    'with a signature that is not hex',
    encode({ x402Version: 2, accepted, payload: { signature: 'x', authorization: {} } }),
  ],
  [
    'with an empty authorization',
    encode({ x402Version: 2, accepted, payload: { signature: '0x11', authorization: {} } }),
  ],
  [
    'of a Solana transaction that is none',
    encode({
      x402Version: 2,
      accepted: { ...accepted, network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp' },
      payload: { transaction: 'AAAA' },
    }),
  ],
])('a payment that is %s is a 400', async (_, header) => {
  const gateway = await startGateway()
  const init = withHeaders(chat('hi'), { 'PAYMENT-SIGNATURE': header })
  await expectError(
    await fetch(`${gateway.url}/v1/chat/completions`, init),
    400,
    'invalid_request_error',
  )
})

test('a body above 10 MB is a 413, said in advance or not', async () => {
  const gateway = await startGateway({ apiKeys })
  const url = `${gateway.url}/v1/chat/completions`
  const body = 'x'.repeat(10 * 1024 * 1024 + 1)
  await expectError(
    await gateway.fetch(url, { method: 'POST', headers: key, body }),
    413,
    'invalid_request_error',
  )
  await expectError(
    await fetch(url, { method: 'POST', headers: key, body }),
    413,
    'invalid_request_error',
  )
})

const raw = (url: string, text: string) =>
  new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () => socket.end(text))
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400],
  ['a header without a name', 'GET /healthz HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400],
  ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
  [
    'headers that are too large',
    `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
])('%s on the wire gets the documented body', async (_, text, status) => {
  const gateway = await startGateway()
  const answer = await raw(gateway.url, text)
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  const [, body = ''] = answer.split('\r\n\r\n')
  expect(JSON.parse(body)).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error' },
  })
})

test('every answer has a Date by the gateway’s clock and a request id of its own', async () => {
  const gateway = await startGateway({ clock: () => Date.UTC(2030, 0, 2, 3, 4, 5) })
  const ids = new Set<string | null>()
  for (const path of ['/healthz', '/v1/models', '/nowhere', '/v1/x402/chat']) {
    const response = await fetch(`${gateway.url}${path}`)
    expect(response.headers.get('date')).toBe('Wed, 02 Jan 2030 03:04:05 GMT')
    ids.add(response.headers.get('x-request-id'))
  }
  expect(ids.size).toBe(4)
})

test('a browser may send every credential and read every payment header', async () => {
  const gateway = await startGateway()
  const url = `${gateway.url}/v1/chat/completions`
  const preflight = await fetch(url, { method: 'OPTIONS' })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  const allowed = preflight.headers.get('access-control-allow-headers')
  for (const name of [
    'Authorization',
    'Content-Type',
    'PAYMENT-SIGNATURE',
    'X-PAYMENT',
    'SIGN-IN-WITH-X',
    'X-Api-Key',
  ]) {
    expect(allowed).toContain(name)
  }
  const answer = await fetch(url, chat('hi'))
  const exposed = answer.headers.get('access-control-expose-headers')
  for (const name of [
    'PAYMENT-REQUIRED',
    'PAYMENT-RESPONSE',
    'X-PAYMENT-RESPONSE',
    'Date',
    'Retry-After',
    'X-Request-Id',
    'X-RateLimit-Remaining',
  ]) {
    expect(exposed).toContain(name)
  }
})

test('the record of a request tells credentials apart without keeping them', async () => {
  const gateway = await startGateway({ apiKeys })
  await fetch(`${gateway.url}/v1/chat/completions`, withHeaders(chat('hi'), key))
  const [record] = gateway.state.requests
  expect(record).toMatchObject({
    method: 'POST',
    path: '/v1/chat/completions',
    status: 200,
    credentials: { authorization: expect.stringMatching(/^[0-9a-f]{12}$/) },
  })
  expect(JSON.stringify(gateway.state.requests)).not.toContain('Bearer')
})
