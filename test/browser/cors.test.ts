import { expect, test } from 'vitest'
import { listen } from '../support/listen'
import { browserScenes, chat, connect } from './harness'
import { metaMask } from './wallets/evmWallet'

const play = browserScenes('dapp.ts')

// Fetch, "CORS-safelisted response-header name".
const ALWAYS_READABLE = ['cache-control', 'content-length', 'content-type']

test('the gateway is of another origin, and a page pays it nevertheless', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  expect(new URL(page.url()).origin).not.toBe(gateway.url)
  await connect(page, gateway, wallet)
  expect(await chat(page, 'hello')).toEqual({ said: 'hello' })
  expect(gateway.state.requests.some(({ method }) => method === 'OPTIONS')).toBe(true)
})

test('a page is asked for its headers once, not before each call', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  await connect(page, gateway, wallet)
  for (const content of ['one', 'two', 'three']) await chat(page, content)
  const chats = gateway.state.requests.filter(({ path }) => path === '/v1/chat/completions')
  expect(chats.map(({ method }) => method)).toEqual(['OPTIONS', 'POST', 'POST', 'POST', 'POST'])
})

test('no header of an answer is sent with a request', async () => {
  const wallet = metaMask()
  const { gateway, page } = await play([wallet])
  const own = new Set<string>()
  page.on('request', async (request) => {
    if (request.url().startsWith(gateway.url)) {
      for (const name of Object.keys(await request.allHeaders())) own.add(name)
    }
  })
  await connect(page, gateway, wallet)
  await chat(page, 'hello')
  gateway.state.expireTokens()
  await chat(page, 'again')
  expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
  expect([...own]).toEqual(expect.arrayContaining(['payment-signature', 'sign-in-with-x']))
  const ofAnswers = /^(access-control-(allow|expose|max)|payment-re|x-payment-re|www-|retry-after)/
  expect([...own].filter((name) => ofAnswers.test(name))).toEqual([])
})

test('a page reads what it needs of an answer, the time and the id of the request among it', async () => {
  const { gateway, page } = await play([], { apiKeys: { key: { balance: '$1' } } })
  await page.evaluate((url) => dapp.useKey(url, 'key'), gateway.url)
  const ok = await page.evaluate(() => dapp.headers('/v1/models'))
  expect(Object.keys(ok)).toEqual(expect.arrayContaining(['date', 'x-request-id']))
  gateway.faults.next('429-before', { retryAfter: '61' })
  const later = await page.evaluate(() => dapp.headers('/v1/models'))
  expect(later).toMatchObject({ 'retry-after': '61' })
  const unpaid = await page.evaluate(async (url) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const body = JSON.stringify({
      model: 'arouter/echo',
      messages: [{ role: 'user', content: 'hi' }],
    })
    const { headers, status } = await fetch(`${url}/v1/chat/completions`, { ...init, body })
    return { status, headers: Object.keys(Object.fromEntries(headers)) }
  }, gateway.url)
  expect(unpaid.status).toBe(402)
  expect(unpaid.headers).toContain('payment-required')
  for (const name of [...Object.keys(ok), ...unpaid.headers]) {
    if (ALWAYS_READABLE.includes(name)) continue
    expect(['date', 'x-request-id', 'payment-required']).toContain(name)
  }
})

test('a gateway that lets no other origin in is a failed connection, and nothing is asked', async () => {
  const wallet = metaMask()
  const { page } = await play([wallet])
  const closed = await listen((_, answer) => answer.writeHead(402).end('{}'))
  await page.evaluate((url) => dapp.connect(url, 'MetaMask'), closed)
  expect(await chat(page, 'hello')).toMatchObject({ code: 'connection_error', fundsMoved: 'no' })
  expect(wallet.owner.prompts).toEqual(['eth_requestAccounts'])
})
