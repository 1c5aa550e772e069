import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import { chat, decoded, withHeaders } from '../testing/chat'
import { evmPayer } from '../testing/officialClients'
import { paid, signPayment } from '../testing/payments'
import { startGateway } from '../testing/startGateway'

const send = (gateway: MockGateway, headers: Record<string, string>, query = '') =>
  fetch(`${gateway.url}/v1/chat/completions${query}`, withHeaders(chat('hi'), headers))

test.each([
  ['Authorization', { authorization: 'Bearer lr_live_test' }, ''],
  ['X-Api-Key', { 'x-api-key': 'lr_live_test' }, ''],
  ['x-goog-api-key', { 'x-goog-api-key': 'lr_live_test' }, ''],
  ['?key=', {}, '?key=lr_live_test'],
])('an API key is accepted in %s', async (_, headers, query) => {
  const gateway = await startGateway({ apiKeys: { lr_live_test: { balance: '$1' } } })
  expect((await send(gateway, headers as Record<string, string>, query)).status).toBe(200)
})

test.each(['Bearer', 'Bearer ', ''])(
  'an empty bearer is no credentials: %j',
  async (authorization) => {
    const gateway = await startGateway()
    expect((await send(gateway, { authorization })).status).toBe(402)
  },
)

test.each([
  ['an unknown key', 'Bearer lr_live_wrong', 'invalid api key'],
  ['a token of somebody else', 'Bearer e30.e30.e30', 'invalid api key'],
  ['another scheme', 'Basic dXNlcg==', 'missing or invalid Authorization header'],
])('%s is a 401 without terms', async (_, authorization, message) => {
  const gateway = await startGateway()
  const response = await send(gateway, { authorization })
  expect(response.status).toBe(401)
  expect(response.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect(await response.json()).toEqual({ error: { message, type: 'authentication_error' } })
})

test('an API key without balance is a 403 without terms', async () => {
  const gateway = await startGateway({ apiKeys: { poor: { balance: 0n } } })
  const response = await send(gateway, { authorization: 'Bearer poor' })
  expect(response.status).toBe(403)
  expect(response.headers.get('PAYMENT-REQUIRED')).toBeNull()
  expect((await response.json()).error.type).toBe('permission_error')
})

test('an API key runs out and never pays, even with a payment in hand', async () => {
  const gateway = await startGateway({ apiKeys: { key: { balance: '$1' } }, price: '$1' })
  const payment = await signPayment(gateway, evmPayer())
  const init = withHeaders(paid(payment), { authorization: 'Bearer key' })
  const url = `${gateway.url}/v1/chat/completions`
  expect((await fetch(url, init)).status).toBe(200)
  expect((await fetch(url, init)).status).toBe(403)
  expect(gateway.state.counts().payments).toBe(0)
})

test('a wallet token names the wallet and the tenant, lives as long as configured, and is never twice the same', async () => {
  const gateway = await startGateway({ jwtTtl: 60 })
  const { account, pay } = evmPayer()
  const receipts = []
  for (let i = 0; i < 2; i += 1) {
    const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
    receipts.push(String(decoded(response, 'PAYMENT-RESPONSE')?.jwt))
  }
  const [claims, other] = receipts.map((jwt) => decodeJwt(jwt))
  const [tenant] = gateway.state.tenants
  expect(claims).toMatchObject({
    sub: account.address,
    tenant_id: tenant?.id,
    key_id: tenant?.keyId,
  })
  expect(Number(claims?.exp) - Number(claims?.iat)).toBe(60)
  expect(claims?.jti).not.toBe(other?.jti)
})

test('an expired wallet token is a 401', async () => {
  const gateway = await startGateway({ jwtTtl: 60 })
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
  const authorization = `Bearer ${decoded(response, 'PAYMENT-RESPONSE')?.jwt}`
  expect((await send(gateway, { authorization })).status).toBe(200)
  await gateway.state.advance({ milliseconds: 61_000 })
  expect((await send(gateway, { authorization })).status).toBe(401)
})

test('expireTokens makes every token so far a 401, and new ones work', async () => {
  const gateway = await startGateway()
  const { pay } = evmPayer()
  const token = async () => {
    const response = await pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
    return `Bearer ${decoded(response, 'PAYMENT-RESPONSE')?.jwt}`
  }
  const before = await token()
  gateway.state.expireTokens()
  expect((await send(gateway, { authorization: before })).status).toBe(401)
  expect((await send(gateway, { authorization: await token() })).status).toBe(200)
})

test('a token from before a reset is nobody else’s', async () => {
  const gateway = await startGateway()
  const response = await evmPayer().pay(`${gateway.url}/v1/chat/completions`, chat('hi'))
  const authorization = `Bearer ${decoded(response, 'PAYMENT-RESPONSE')?.jwt}`
  await gateway.state.reset()
  gateway.state.setCredit('0x1111111111111111111111111111111111111111', '$5')
  expect((await send(gateway, { authorization })).status).toBe(401)
})

test('a key is never shown by its label, however short it is', async () => {
  for (const secret of ['k', 'lr_live_short', `lr_live_${'x'.repeat(40)}`]) {
    const gateway = await startGateway({ apiKeys: { [secret]: { balance: '$1' } } })
    const { data } = await (await fetch(`${gateway.url}/v1/key?key=${secret}`)).json()
    expect(data.label).not.toContain(secret)
    expect(data.label.length).toBeLessThan(18)
  }
})
