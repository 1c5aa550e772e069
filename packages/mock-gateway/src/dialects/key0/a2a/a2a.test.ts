import type { PaymentRequired } from '@x402/core/types'
import { expect, test } from 'vitest'
import type { MockGateway } from '../../../createMockGateway'
import { access, challengeOf, startKey0, statesOf } from '../../../testing/key0'
import { evmPayer, type Payer } from '../../../testing/officialClients'
import { X402_EXTENSION } from './agentCard'
import type { Part, Task } from './Task'

const requestId = () => crypto.randomUUID()
const weather = { routeId: 'weather', resource: { method: 'GET', path: '/api/weather/oslo' } }

/** Calls a method as an agent does. */
const call = async ({ url }: MockGateway, method: string, params: object) => {
  const response = await fetch(`${url}/x402/access`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-a2a-extensions': X402_EXTENSION },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
  })
  expect(response.headers.get('payment-response')).toBeNull()
  return response.json()
}

/** Sends a message; the task it leads to. */
const send = async (gateway: MockGateway, message: object): Promise<Task> => {
  const base = { kind: 'message', role: 'user', messageId: requestId(), parts: [] }
  const { jsonrpc, id, result } = await call(gateway, 'message/send', {
    message: { ...base, ...message },
  })
  expect([jsonrpc, id]).toEqual(['2.0', 7])
  return result
}
const accessRequest = (fields: object) => ({
  parts: [{ kind: 'data', data: { type: 'AccessRequest', ...fields } }],
})
const dataOf = (parts: readonly Part[] = []) =>
  parts.flatMap((part) => (part.kind === 'data' ? [part.data] : []))[0]

/** A payment for a task that waits for one: with the domain that the buyer knows, since none is stated. */
const payFor = async (
  { client }: Payer<unknown>,
  { id, status }: Task,
  domain = { name: 'USD Coin', version: '2' },
) => {
  const required = status.message.metadata['x402.payment.required'] as PaymentRequired
  const accepts = required.accepts.map((one) => ({ ...one, extra: { ...one.extra, ...domain } }))
  const payload = await client.createPaymentPayload({ ...required, accepts })
  return {
    taskId: id,
    metadata: { 'x402.payment.status': 'payment-submitted', 'x402.payment.payload': payload },
  }
}

test.each(['agent.json', 'agent-card.json'])(
  'the agent card is at /.well-known/%s',
  async (name) => {
    const gateway = await startKey0()
    const card = await (await fetch(`${gateway.url}/.well-known/${name}`)).json()
    expect(card).toMatchObject({
      protocolVersion: '0.3.0',
      url: `${gateway.url}/x402/access`,
      preferredTransport: 'JSONRPC',
      capabilities: { extensions: [{ uri: X402_EXTENSION, required: true }] },
    })
  },
)

test('a message that asks for nothing is told what is sold', async () => {
  const gateway = await startKey0()
  const { status } = await send(gateway, { parts: [{ kind: 'text', text: 'hello' }] })
  expect(status.state).toBe('completed')
  expect(dataOf(status.message.parts)).toMatchObject({ plans: [{ planId: 'basic' }, {}, {}] })
})

test('an agent asks, is asked for a payment, pays, and gets receipt and grant', async () => {
  const gateway = await startKey0({}, { networks: ['eip155:84532'] })
  const asked = { planId: 'basic', requestId: requestId(), resourceId: 'report' }
  const task = await send(gateway, accessRequest(asked))
  const { challengeId, expiresAt } = challengeOf(gateway)
  const facts = {
    challengeId,
    requestId: asked.requestId,
    planId: 'basic',
    amount: '$0.10',
    chainId: 84532,
    expiresAt: new Date(expiresAt).toISOString(),
    description: expect.any(String),
  }
  expect(task.status.state).toBe('input-required')
  const { metadata, parts } = task.status.message
  expect(metadata['x402.payment.status']).toBe('payment-required')
  const [terms] = (metadata['x402.payment.required'] as PaymentRequired).accepts
  expect(terms).toMatchObject({ network: 'eip155:84532', amount: '100000' })
  expect(terms?.extra).toEqual(facts)
  expect(dataOf(parts)).toEqual({
    ...facts,
    type: 'X402Challenge',
    asset: 'USDC',
    destination: terms?.payTo,
    resourceVerified: true,
  })

  const payer = evmPayer()
  const payment = await payFor(payer, task, { name: 'USDC', version: '2' })
  const paid = await send(gateway, payment)
  expect([paid.id, paid.contextId, paid.status.state]).toEqual([
    task.id,
    task.contextId,
    'completed',
  ])
  const { sale } = challengeOf(gateway)
  expect(paid.status.message.metadata).toEqual({
    'x402.payment.status': 'payment-completed',
    'x402.payment.receipts': [
      {
        success: true,
        transaction: sale?.transaction,
        network: 'base-sepolia',
        payer: payer.account.address,
      },
    ],
  })
  expect(paid.artifacts.map(({ name }) => name)).toEqual(['access-grant'])
  const grant = dataOf(paid.artifacts[0]?.parts)
  expect(grant).toMatchObject({ type: 'AccessGrant', challengeId, requestId: asked.requestId })
  expect(statesOf(challengeOf(gateway))).toEqual(['PENDING', 'PAID', 'PAID', 'DELIVERED'])

  expect((await send(gateway, payment)).artifacts[0]?.parts).toEqual(paid.artifacts[0]?.parts)
  expect((await send(gateway, accessRequest(asked))).status.state).toBe('completed')
  expect(await (await access(gateway, asked)).json()).toEqual(grant)
  expect(gateway.state.sales).toHaveLength(1)
})

test('a route is sold to an agent too, unless the seller charges for it and delivers nothing', async () => {
  const gateway = await startKey0()
  const task = await send(gateway, accessRequest({ ...weather, requestId: requestId() }))
  const paid = await send(gateway, await payFor(evmPayer(), task))
  expect(paid.artifacts.map(({ name }) => name)).toEqual(['resource-response'])
  expect(dataOf(paid.artifacts[0]?.parts)).toMatchObject({ resource: { status: 200 } })

  const another = await send(gateway, accessRequest({ ...weather, requestId: requestId() }))
  gateway.faults.next('key0-charges-for-route')
  const lost = await send(gateway, await payFor(evmPayer(), another))
  expect(lost.status).toMatchObject({
    state: 'failed',
    message: {
      metadata: {
        'x402.payment.status': 'payment-failed',
        'x402.payment.error': 'TIER_NOT_FOUND',
      },
    },
  })
  expect(gateway.state.sales.map(({ delivered }) => delivered)).toEqual(['weather', undefined])
})

test.each<[string, object, string]>([
  ['an unknown plan', { planId: 'gold', requestId: requestId() }, 'TIER_NOT_FOUND'],
  ['a requestId that is no UUID', { planId: 'basic', requestId: 'mine' }, 'INVALID_REQUEST'],
  ['no requestId', { planId: 'basic' }, 'INVALID_REQUEST'],
])('an AccessRequest with %s is a failed task', async (_, fields, code) => {
  const gateway = await startKey0()
  const { status } = await send(gateway, accessRequest(fields))
  expect(status.state).toBe('failed')
  expect(dataOf(status.message.parts)).toMatchObject({ code })
})

test('a payment that is refused is a failed task, and the task can still be paid', async () => {
  const gateway = await startKey0()
  const task = await send(gateway, accessRequest({ planId: 'basic', requestId: requestId() }))
  const payer = evmPayer()
  await gateway.state.setBalance('eip155:8453', payer.account.address, 0n)
  const { status } = await send(gateway, await payFor(payer, task))
  expect(status.state).toBe('failed')
  expect(status.message.metadata).toEqual({
    'x402.payment.status': 'payment-failed',
    'x402.payment.error': 'PAYMENT_FAILED',
  })
  expect((await send(gateway, await payFor(evmPayer(), task))).status.state).toBe('completed')
})

test.each<[string, object]>([
  ['no task', { 'x402.payment.payload': {} }],
  ['no payload', {}],
])('a payment for %s is a failed task', async (name, metadata) => {
  const gateway = await startKey0()
  const task = await send(gateway, accessRequest({ planId: 'basic', requestId: requestId() }))
  const { status } = await send(gateway, {
    taskId: name === 'no task' ? 'unknown' : task.id,
    metadata: { 'x402.payment.status': 'payment-submitted', ...metadata },
  })
  expect(status.state).toBe('failed')
  const code = name === 'no task' ? 'CHALLENGE_NOT_FOUND' : 'INVALID_REQUEST'
  expect(status.message.metadata['x402.payment.error']).toBe(code)
})

test('a task can be looked at, and cancelled until it is paid; then it cannot be paid any more', async () => {
  const gateway = await startKey0()
  const task = await send(gateway, accessRequest({ planId: 'basic', requestId: requestId() }))
  expect((await call(gateway, 'tasks/get', { id: task.id })).result).toEqual(task)
  expect((await call(gateway, 'tasks/get', { id: 'x' })).error.code).toBe(-32001)
  const cancelled = await call(gateway, 'tasks/cancel', { id: task.id })
  expect(cancelled.result.status.state).toBe('canceled')
  expect(statesOf(challengeOf(gateway))).toEqual(['PENDING', 'CANCELLED'])
  expect((await call(gateway, 'tasks/cancel', { id: task.id })).error.code).toBe(-32002)
  const { status } = await send(gateway, await payFor(evmPayer(), task))
  expect(status.message.metadata['x402.payment.error']).toBe('CHALLENGE_NOT_FOUND')
  expect(gateway.state.sales).toEqual([])
})

test('what is no call is told so', async () => {
  const gateway = await startKey0()
  expect((await call(gateway, 'message/stream', {})).error.code).toBe(-32601)
  const headers = { 'x-a2a-extensions': X402_EXTENSION }
  const response = await fetch(`${gateway.url}/x402/access`, {
    method: 'POST',
    headers,
    body: '{"planId":"basic"}',
  })
  expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } })
})

test('a seller may have no page for agents', async () => {
  const gateway = await startKey0()
  gateway.faults.next('key0-no-a2a')
  const headers = { 'x-a2a-extensions': X402_EXTENSION }
  const response = await fetch(`${gateway.url}/x402/access`, { method: 'POST', headers })
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toMatch('text/html')
})
