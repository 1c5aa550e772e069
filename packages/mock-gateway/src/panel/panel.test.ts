import { request } from 'node:http'
import { expect, test } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import { faultKinds } from '../faults/kinds'
import { chat, decoded, withHeaders } from '../testing/chat'
import { evmPayer, solanaPayer } from '../testing/officialClients'
import { startGateway } from '../testing/startGateway'

/** A request with any header, `Host` and `Origin` among them; resolves to its status and headers. */
function raw(
  gateway: MockGateway,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${gateway.url}${path}`, { method, headers }, (response) => {
      let text = ''
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const fault = JSON.stringify({ kind: '401', times: 1 })
const json = { 'content-type': 'application/json' }

test('the page and its files are served, load nothing from elsewhere, and cannot be framed', async () => {
  const gateway = await startGateway()
  const page = await fetch(gateway.url)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = page.headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  const files = [...(await page.text()).matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(
    ([, path]) => path,
  )
  expect(files).toEqual(['/panel/style.css', '/panel/panel.js'])
  for (const file of files) expect((await fetch(`${gateway.url}${file}`)).status).toBe(200)
})

test('nothing that could be used again is shown: no key, token, signature or proof', async () => {
  const apiKey = 'lr_live_a_secret_of_the_test'
  const gateway = await startGateway({ apiKeys: { [apiKey]: { balance: '$1' } } })
  const url = `${gateway.url}/v1/chat/completions`
  const secrets: string[] = [apiKey]
  const seen: typeof fetch = async (input, init) => {
    const sent = new Request(input, init)
    for (const name of ['payment-signature', 'authorization', 'sign-in-with-x']) {
      secrets.push(...(sent.headers.get(name)?.split(' ') ?? []))
    }
    return fetch(sent)
  }
  const paid = await evmPayer(seen).pay(url, chat('x'))
  await (await solanaPayer(gateway, undefined, seen)).pay(url, chat('x'))
  const jwt = String(decoded(paid, 'PAYMENT-RESPONSE')?.jwt)
  secrets.push(jwt, ...jwt.split('.'))
  await fetch(url, withHeaders(chat('x'), { authorization: `Bearer ${jwt}` }))
  await fetch(`${url}?key=${apiKey}`, chat('x'))
  for (const secret of [...secrets]) {
    if (!/^[\w+/=]{100,}$/.test(secret)) continue
    const { payload } = JSON.parse(Buffer.from(secret, 'base64').toString('utf8'))
    if (payload) secrets.push(payload.signature ?? payload.transaction)
  }
  const text = await (await fetch(`${gateway.url}/panel/state`)).text()
  expect(text).toContain(gateway.state.payments[0]?.payer)
  expect(secrets).toHaveLength(9)
  const shown = secrets.filter((secret) => secret !== 'Bearer' && text.includes(secret))
  expect(shown).toEqual([])
  for (const { credentials } of gateway.state.requests) {
    for (const hash of Object.values(credentials)) expect(text).not.toContain(hash)
  }
})

test('the page sees what happens, and is itself no request', async () => {
  const gateway = await startGateway()
  const state = async () => (await fetch(`${gateway.url}/panel/state`)).json()
  expect(await state()).toMatchObject({ requests: [], payments: [], accounts: [], sessions: [] })
  const { account, pay } = evmPayer()
  await pay(`${gateway.url}/v1/chat/completions`, chat('x'))
  const now = await state()
  expect(now.requests).toMatchObject([
    { method: 'POST', path: '/v1/chat/completions', status: 200, carries: ['payment-signature'] },
    { status: 402, carries: [] },
  ])
  expect(now.payments).toMatchObject([
    { payer: account.address, amount: '1', bought: '$1 credit', isWhole: true },
  ])
  expect(now.accounts).toMatchObject([{ subject: account.address, kind: 'wallet' }])
  expect(now.sessions).toMatchObject([{ subject: account.address }])
  expect(now.totals).toMatchObject({ requests: 2, payments: 1, settled: '1', sessions: 1 })
  expect(now.faults).toHaveLength(Object.keys(faultKinds).length)
  await gateway.state.advance({ milliseconds: 3_601_000 })
  expect((await state()).sessions).toEqual([])
})

test('a state that is known is not sent again', async () => {
  const gateway = await startGateway()
  const first = await fetch(`${gateway.url}/panel/state`)
  const headers = { 'if-none-match': first.headers.get('etag') ?? '' }
  expect((await raw(gateway, 'GET', '/panel/state', headers)).status).toBe(304)
  await fetch(`${gateway.url}/healthz`)
  expect((await raw(gateway, 'GET', '/panel/state', headers)).status).toBe(200)
})

test('faults are switched on and off from the page', async () => {
  const gateway = await startGateway()
  const headers = { ...json, origin: gateway.url }
  const post = async (body: unknown) => {
    const answer = await raw(gateway, 'POST', '/panel/faults', headers, JSON.stringify(body))
    return { status: answer.status, body: JSON.parse(answer.body) }
  }
  expect(await post({ kind: '401', times: 2 })).toEqual({
    status: 200,
    body: { scripted: { '401': 2 }, chances: {} },
  })
  expect((await post({ kind: '429-before', chance: 1 })).body.chances).toEqual({ '429-before': 1 })
  const models = async () => (await fetch(`${gateway.url}/v1/models`)).status
  expect([await models(), await models(), await models()]).toEqual([401, 401, 429])
  expect((await post({ kind: '429-before', chance: 0 })).body.chances).toEqual({})
  expect(await models()).toBe(200)
  await post({ kind: '401', times: 5 })
  expect((await raw(gateway, 'DELETE', '/panel/faults', headers)).status).toBe(200)
  expect(await models()).toBe(200)
  for (const wrong of [{ kind: 'none' }, { kind: '401', times: 0 }, { kind: '401', chance: 2 }]) {
    expect((await post(wrong)).status).toBe(400)
  }
})

test.each<[string, (gateway: MockGateway) => Record<string, string>]>([
  ['a page of another site', () => ({ origin: 'https://evil.example' })],
  ['a page that hides where it is from', () => ({ origin: 'null' })],
  ['something that does not say where it is from', () => ({})],
  [
    'a name that was made to lead here',
    ({ url }) => ({ host: `evil.example:${new URL(url).port}`, origin: 'http://evil.example' }),
  ],
  [
    'another port of this machine',
    ({ url }) => ({ origin: url.replace(/\d+$/, '1'), 'sec-fetch-site': 'same-site' }),
  ],
])('%s can change nothing', async (_, headers) => {
  const gateway = await startGateway()
  for (const [method, body] of [
    ['POST', fault],
    ['DELETE', undefined],
  ] as const) {
    const sent = { ...headers(gateway), 'content-type': 'text/plain' }
    const answer = await raw(gateway, method, '/panel/faults', sent, body)
    expect(answer.status).toBe(403)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  }
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200)
})

test('another site can read nothing, and gets no leave to by a preflight', async () => {
  const gateway = await startGateway()
  const { port } = new URL(gateway.url)
  const asked = async (path: string, headers: Record<string, string>) =>
    (await raw(gateway, 'GET', path, headers)).status
  expect(await asked('/panel/state', { host: `evil.example:${port}` })).toBe(403)
  expect(await asked('/', { host: `evil.example:${port}` })).toBe(403)
  const site = { 'sec-fetch-site': 'cross-site' }
  expect(await asked('/panel/state', { ...site, 'sec-fetch-mode': 'cors' })).toBe(403)
  expect(await asked('/panel/panel.js', { ...site, 'sec-fetch-mode': 'no-cors' })).toBe(403)
  expect(await asked('/', { ...site, 'sec-fetch-mode': 'navigate' })).toBe(200)
  expect(await asked('/panel/state', { host: `localhost:${port}` })).toBe(200)
  const preflight = await raw(gateway, 'OPTIONS', '/panel/faults', {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
  })
  expect(preflight.headers['access-control-allow-origin']).toBeUndefined()
})

test('sales of other dialects stand among the payments, with what they bought', async () => {
  const gateway = await startGateway({ dialects: ['x402', 'arouter'] })
  const { account, pay } = evmPayer()
  await pay(`${gateway.urls.arouter}/v1/chat/completions`, chat('x'))
  await pay(`${gateway.url}/weather`)
  gateway.faults.next('third-party-settles')
  await pay(`${gateway.url}/weather`)
  const now = await (await fetch(`${gateway.url}/panel/state`)).json()
  expect(now.totals).toMatchObject({ payments: 1, sales: 2 })
  expect(now.payments).toMatchObject([
    { payer: account.address, amount: '0.01', bought: 'x402: nothing', isWhole: false },
    { payer: account.address, amount: '0.01', bought: 'x402: GET /weather', isWhole: true },
    { payer: account.address, amount: '1', bought: '$1 credit', isWhole: true },
  ])
})
