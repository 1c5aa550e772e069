import { expect, test, vi } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import { chat, decoded, withHeaders } from '../testing/chat'
import { BASE, evmPayer, solanaPayer } from '../testing/officialClients'
import { paid, sendPayment, signPayment } from '../testing/payments'
import { postSignIn, signInMessage } from '../testing/signIn'
import { startGateway } from '../testing/startGateway'
import type { FaultKind } from './kinds'
import { seededRandom } from './seededRandom'

const apiKeys = { key: { balance: '$100' } } as const
const keyed = (init: RequestInit) => withHeaders(init, { authorization: 'Bearer key' })
const stream = { model: 'arouter/long', stream: true, max_tokens: 10 }

/** Both ways in: over a socket, and in process. */
const ways = ['socket', 'in process'] as const
const fetchOf = (gateway: MockGateway, way: (typeof ways)[number]) =>
  way === 'socket' ? globalThis.fetch : gateway.fetch

const post = (gateway: MockGateway, init: RequestInit, way: (typeof ways)[number] = 'socket') =>
  fetchOf(gateway, way)(`${gateway.url}/v1/chat/completions`, init)

/** Rejects within the signal: what a hang looks like to a client. */
const aborting = (init: RequestInit): RequestInit => ({ ...init, signal: AbortSignal.timeout(150) })

test('next refuses a kind that is not on the menu, and random a chance above one', async () => {
  const gateway = await startGateway()
  expect(() => gateway.faults.next('nonsense' as FaultKind)).toThrow("unknown fault 'nonsense'")
  expect(() => gateway.faults.random({ 'reset-before': 2 }, 1)).toThrow('from 0 to 1')
})

test('a fault strikes as often as asked, where asked, and is on record', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('5xx-before', { times: 2, skip: 1, path: '/v1/chat', status: 503 })
  await fetch(`${gateway.url}/v1/models`)
  const statuses = []
  for (let i = 0; i < 4; i += 1) statuses.push((await post(gateway, keyed(chat('x')))).status)
  expect(statuses).toEqual([200, 503, 503, 200])
  expect(gateway.state.faults).toMatchObject([
    { kind: '5xx-before', path: '/v1/chat/completions' },
    { kind: '5xx-before', path: '/v1/chat/completions' },
  ])
})

test('a fault can be for requests that carry a payment only', async () => {
  const gateway = await startGateway()
  gateway.faults.next('429-before', { carrying: 'payment', retryAfter: '7' })
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, chat('x'))
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('7')
  expect(gateway.state.counts()).toMatchObject({ requests: 2, payments: 0 })
})

test('the same seed gives the same faults, and clear ends them', async () => {
  const run = async () => {
    const gateway = await startGateway({ apiKeys })
    gateway.faults.random({ '5xx-before': 0.3, '401': 0.3 }, 42)
    const statuses = []
    for (let i = 0; i < 20; i += 1) statuses.push((await post(gateway, keyed(chat('x')))).status)
    gateway.faults.clear()
    for (let i = 0; i < 5; i += 1) expect((await post(gateway, keyed(chat('x')))).status).toBe(200)
    return statuses
  }
  const first = await run()
  expect(new Set(first)).toEqual(new Set([200, 401, 502]))
  expect(await run()).toEqual(first)
})

test('seeded numbers are spread over [0, 1)', () => {
  const random = seededRandom(7)
  const numbers = Array.from({ length: 1000 }, random)
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...numbers)).toBeLessThan(1)
  expect(numbers.reduce((sum, n) => sum + n, 0) / 1000).toBeCloseTo(0.5, 1)
})

test.each(ways)('reset-before ends the connection before anything is done (%s)', async (way) => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  gateway.faults.next('reset-before')
  await expect(post(gateway, paid(payment), way)).rejects.toThrow(TypeError)
  expect(gateway.state.counts().payments).toBe(0)
  expect(gateway.state.requests.at(-1)?.status).toBe('reset')
})

test.each(ways)('hang-before never answers (%s)', async (way) => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('hang-before')
  await expect(post(gateway, aborting(keyed(chat('x'))), way)).rejects.toThrow(/aborted|timeout/)
  expect(gateway.state.requests.at(-1)?.status).toBe('silence')
  expect(gateway.state.counts().charged).toBe(0n)
})

test('drop-after-verify ends the connection with nothing settled, and the same signature is good later', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  gateway.faults.next('drop-after-verify')
  await expect(sendPayment(gateway, payment)).rejects.toThrow(TypeError)
  expect(gateway.state.counts().payments).toBe(0)
  expect((await sendPayment(gateway, payment)).status).toBe(200)
})

test.each(ways)(
  'drop-after-settle settles and credits, then ends the connection (%s)',
  async (way) => {
    const gateway = await startGateway()
    const payment = await signPayment(gateway, evmPayer())
    gateway.faults.next('drop-after-settle')
    await expect(post(gateway, paid(payment), way)).rejects.toThrow(TypeError)
    expect(gateway.state.tenants).toMatchObject([{ balance: 1_000_000n }])
  },
)

test('hang-after-settle settles and credits, then never answers', async () => {
  const gateway = await startGateway()
  const payment = await signPayment(gateway, evmPayer())
  gateway.faults.next('hang-after-settle')
  await expect(post(gateway, aborting(paid(payment)))).rejects.toThrow(/aborted|timeout/)
  await vi.waitFor(() => expect(gateway.state.tenants).toMatchObject([{ balance: 1_000_000n }]))
})

test.each([
  ['5xx-after-settle', 502, 'server_error'],
  ['429-after-settle', 429, 'rate_limit_error'],
  ['402-after-settle', 402, 'payment_required'],
] as const)(
  '%s settles and credits, answers %d, and keeps its receipt unless told not to',
  async (kind, status, type) => {
    const gateway = await startGateway()
    gateway.faults.next(kind)
    gateway.faults.next(kind, { keeps: 'nothing' })
    const kept = await sendPayment(gateway, await signPayment(gateway, evmPayer()))
    expect(kept.status).toBe(status)
    expect((await kept.json()).error.type).toBe(type)
    expect(decoded(kept, 'PAYMENT-RESPONSE')).toMatchObject({ success: true })
    const lost = await sendPayment(gateway, await signPayment(gateway, evmPayer()))
    expect(lost.status).toBe(status)
    expect(lost.headers.get('PAYMENT-RESPONSE')).toBeNull()
    expect(gateway.state.counts()).toMatchObject({ payments: 2, charged: 0n })
  },
)

test('5xx-before, 401 and redirect answer before anything is done', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('5xx-before')
  gateway.faults.next('401')
  gateway.faults.next('redirect', { status: 302, location: 'http://127.0.0.1:9/elsewhere' })
  const init: RequestInit = { ...keyed(chat('x')), redirect: 'manual' }
  expect((await post(gateway, init)).status).toBe(502)
  expect((await post(gateway, init)).status).toBe(401)
  const redirect = await post(gateway, init, 'in process')
  expect(redirect.status).toBe(302)
  expect(redirect.headers.get('location')).toBe('http://127.0.0.1:9/elsewhere')
  expect(gateway.state.counts().charged).toBe(0n)
})

test('a redirect is followed in process as fetch does', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('redirect')
  const response = await post(gateway, keyed(chat('same again')), 'in process')
  expect(response.redirected).toBe(true)
  expect((await response.json()).choices[0].message.content).toBe('same again')
})

test.each(ways)('truncate-body cuts the JSON and ends cleanly (%s)', async (way) => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('truncate-body')
  const text = await (await post(gateway, keyed(chat('x')), way)).text()
  expect(text).toMatch(/^\{"id"/)
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
})

test.each(ways)('reset-body ends the connection half-way through the JSON (%s)', async (way) => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('reset-body')
  const response = await post(gateway, keyed(chat('x')), way)
  expect(response.status).toBe(200)
  await expect(response.text()).rejects.toThrow(TypeError)
})

test('slow-drip sends the same answer in small pieces', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('slow-drip', { bytes: 50, every: 1 })
  const response = await post(gateway, keyed(chat('drip')), 'in process')
  const reader = response.body?.getReader()
  const sizes: number[] = []
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) break
    sizes.push(value?.length ?? 0)
  }
  expect(sizes.length).toBeGreaterThan(4)
  expect(Math.max(...sizes)).toBe(50)
})

const readStream = async (gateway: MockGateway, way: (typeof ways)[number] = 'socket') => {
  const response = await post(gateway, keyed(chat('', stream)), way)
  const reader = response.body?.getReader()
  let text = ''
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return { text, error: undefined }
      text += Buffer.from(value ?? []).toString()
    }
  } catch (error) {
    return { text, error }
  }
}

test('truncate-stream ends the stream without [DONE]', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('truncate-stream', { events: 4 })
  const { text, error } = await readStream(gateway)
  expect(error).toBeUndefined()
  expect(text.match(/^data: /gm)).toHaveLength(4)
  expect(text).not.toContain('[DONE]')
  expect(gateway.state.counts().charged).toBeGreaterThan(0n)
})

test.each(ways)('reset-stream ends the connection in the middle (%s)', async (way) => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('reset-stream')
  const { text, error } = await readStream(gateway, way)
  expect(error).toBeInstanceOf(TypeError)
  expect(text).not.toContain('[DONE]')
  await vi.waitFor(() => expect(gateway.state.counts().streamsAborted).toBe(1))
})

test.each(ways)('stall-stream sends no more and stays open (%s)', async (way) => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('stall-stream', { events: 1 })
  const response = await post(gateway, aborting(keyed(chat('', stream))), way)
  await expect(response.text()).rejects.toThrow(/aborted|timeout/)
  await vi.waitFor(() => expect(gateway.state.counts().streamsAborted).toBe(1))
})

test('stream-error sends an error event and ends', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('stream-error')
  const { text } = await readStream(gateway)
  const last = JSON.parse(text.trim().split('\n\n').at(-1)?.replace('data: ', '') ?? '')
  expect(last.error).toEqual({ message: 'the upstream model failed', type: 'server_error' })
  expect(last.choices[0].finish_reason).toBe('error')
})

test('stream-malformed sends one event that is no JSON, and then the rest', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('stream-malformed')
  const { text } = await readStream(gateway)
  const events = text
    .trim()
    .split('\n\n')
    .map((event) => event.replace('data: ', ''))
  const broken = events.slice(0, -1).filter((event) => {
    try {
      JSON.parse(event)
      return false
    } catch {
      return true
    }
  })
  expect(broken).toHaveLength(1)
  expect(events.at(-1)).toBe('[DONE]')
})

test('receipt-lost settles and serves without a receipt', async () => {
  const gateway = await startGateway()
  gateway.faults.next('receipt-lost')
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, chat('x'))
  expect(response.status).toBe(200)
  expect(response.headers.get('PAYMENT-RESPONSE')).toBeNull()
  expect(gateway.state.counts().payments).toBe(1)
})

test('receipt-spoofed puts its fields over the true receipt, or on an answer nobody paid for', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('receipt-spoofed', {
    receipt: { payer: 'somebody else' },
    carrying: 'payment',
  })
  const { account, pay } = evmPayer()
  const response = await pay(`${gateway.url}/v1/chat/completions`, chat('x'))
  const receipt = decoded(response, 'PAYMENT-RESPONSE')
  expect(receipt).toMatchObject({ success: true, payer: 'somebody else', network: BASE })
  expect(gateway.state.payments[0]?.payer).toBe(account.address)
  gateway.faults.next('receipt-spoofed')
  const unpaid = await post(gateway, keyed(chat('x')))
  expect(decoded(unpaid, 'PAYMENT-RESPONSE')).toMatchObject({ jwt: 'spoofed.spoofed.spoofed' })
})

test.each([
  ['EVM', () => Promise.resolve(evmPayer())],
  ['Solana', solanaPayer],
] as const)(
  'settle-late answers settlement_pending now, and lands and credits on the next advance (%s)',
  async (_, payerOf) => {
    const gateway = await startGateway()
    const payment = await signPayment(gateway, await payerOf(gateway))
    // The official Solana scheme writes to the console when a confirmation does not come.
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
    gateway.faults.next('settle-late')
    const pending = await sendPayment(gateway, payment)
    quiet.mockRestore()
    expect(pending.status).toBe(402)
    const refusal = decoded(pending, 'PAYMENT-RESPONSE')
    expect(refusal).toMatchObject({ success: false, errorReason: 'settlement_pending' })
    expect(gateway.state.counts().payments).toBe(0)
    const still = await sendPayment(gateway, payment)
    expect(decoded(still, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: 'settlement_pending' })
    await gateway.state.advance({ blocks: 1 })
    expect(gateway.state.tenants).toMatchObject([{ balance: 1_000_000n }])
    const landed = await sendPayment(gateway, payment)
    expect(landed.status).toBe(200)
    expect(decoded(landed, 'PAYMENT-RESPONSE')).toMatchObject({
      success: true,
      transaction: refusal?.transaction,
    })
    expect((await sendPayment(gateway, payment)).status).toBe(402)
    expect(gateway.state.counts()).toMatchObject({ payments: 1, credited: 1_000_000n })
  },
)

test('settle-late can land by the clock and be credited to nobody', async () => {
  let now = Date.now()
  const gateway = await startGateway({ clock: () => now })
  const payment = await signPayment(gateway, evmPayer())
  gateway.faults.next('settle-late', { after: 5000, credits: 'nobody' })
  expect((await sendPayment(gateway, payment)).status).toBe(402)
  now += 4999
  expect(gateway.state.payments).toEqual([])
  now += 1
  expect(gateway.state.payments).toMatchObject([{ amount: 1_000_000n, credited: 0n }])
  expect(gateway.state.tenants).toMatchObject([{ balance: 0n }])
})

test('settle-late never lands once the authorization has expired', async () => {
  let now = Date.now()
  const gateway = await startGateway({ clock: () => now })
  const payment = await signPayment(gateway, evmPayer())
  gateway.faults.next('settle-late')
  await sendPayment(gateway, payment)
  now += 301_000
  await gateway.state.advance({ blocks: 1 })
  expect(gateway.state.payments).toEqual([])
})

test.each([
  ['EVM', () => Promise.resolve(evmPayer()), 'invalid_exact_evm_nonce_already_used'],
  ['Solana', solanaPayer, 'invalid_exact_svm_transaction_simulation_failed'],
] as const)(
  'third-party-settles moves the money and credits nobody (%s)',
  async (_, payerOf, reason) => {
    const gateway = await startGateway()
    const payment = await signPayment(gateway, await payerOf(gateway))
    gateway.faults.next('third-party-settles')
    const response = await sendPayment(gateway, payment)
    expect(response.status).toBe(402)
    expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({ errorReason: reason })
    expect(gateway.state.payments).toMatchObject([{ amount: 1_000_000n, credited: 0n }])
    expect(gateway.state.tenants).toMatchObject([{ balance: 0n }])
  },
)

test('bad-challenge states its terms to the letter', async () => {
  const gateway = await startGateway()
  gateway.faults.next('bad-challenge', { header: 'e30=', body: '<html>' })
  gateway.faults.next('bad-challenge', { header: '' })
  const first = await post(gateway, chat('x'))
  expect(first.headers.get('PAYMENT-REQUIRED')).toBe('e30=')
  expect(await first.text()).toBe('<html>')
  expect((await post(gateway, chat('x'))).headers.get('PAYMENT-REQUIRED')).toBeNull()
})

test.each(ways)('endless-402-body goes on until the client leaves (%s)', async (way) => {
  const gateway = await startGateway()
  gateway.faults.next('endless-402-body')
  const response = await post(gateway, chat('x'), way)
  expect(response.status).toBe(402)
  const reader = response.body?.getReader()
  let size = 0
  while (size < 200_000) size += (await reader?.read())?.value?.length ?? 0
  await reader?.cancel()
})

const signIn = async (gateway: MockGateway, init: RequestInit = {}) => {
  const { account } = evmPayer()
  const message = signInMessage(gateway, account.address)
  const signature = await account.signMessage({ message })
  if (!init.signal) return postSignIn(gateway, message, signature)
  const header = Buffer.from(JSON.stringify({ message, signature })).toString('base64')
  const headers = { 'SIGN-IN-WITH-X': header }
  return fetch(`${gateway.url}/v1/x402/auth`, { method: 'POST', headers, ...init })
}

test('auth-5xx, auth-401 and auth-hang strike at the sign-in only', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('auth-5xx')
  gateway.faults.next('auth-401')
  gateway.faults.next('auth-hang')
  expect((await post(gateway, keyed(chat('x')))).status).toBe(200)
  expect((await signIn(gateway)).status).toBe(503)
  expect((await signIn(gateway)).status).toBe(401)
  await expect(signIn(gateway, aborting({}))).rejects.toThrow(/aborted|timeout/)
  expect((await signIn(gateway)).status).toBe(200)
})

test('rpc-5xx, rpc-error and rpc-hang strike at the chain RPC only', async () => {
  const gateway = await startGateway()
  gateway.faults.next('rpc-5xx')
  gateway.faults.next('rpc-error')
  gateway.faults.next('rpc-hang')
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })
  const call = (init: RequestInit = {}) =>
    fetch(gateway.rpc[BASE] ?? '', { method: 'POST', body, ...init })
  expect((await call()).status).toBe(503)
  expect(await (await call()).json()).toMatchObject({ error: { code: -32000 } })
  await expect(call(aborting({}))).rejects.toThrow(/aborted|timeout/)
  expect(await (await call()).json()).toMatchObject({ result: '0x2105' })
})

test('closing the gateway ends what hangs', async () => {
  const gateway = await startGateway({ apiKeys })
  gateway.faults.next('hang-before')
  const hanging = post(gateway, keyed(chat('x'))).catch((error: unknown) => error)
  await vi.waitFor(() => expect(gateway.state.faults).toHaveLength(1))
  await gateway.close()
  expect(await hanging).toBeInstanceOf(TypeError)
})

test('faults that only a local chain has are refused on a stub chain', async () => {
  const gateway = await startGateway()
  for (const kind of ['tx-dropped', 'tx-replaced', 'finality-late', 'reorg'] as const) {
    expect(() => gateway.faults.next(kind)).toThrow('needs a local chain')
    expect(() => gateway.faults.random({ [kind]: 0.5 }, 1)).toThrow('needs a local chain')
  }
})
