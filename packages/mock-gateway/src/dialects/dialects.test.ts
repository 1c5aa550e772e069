import { expect, test } from 'vitest'
import { createMockGateway } from '../createMockGateway'
import { GatewayConfigError } from '../GatewayConfigError'
import { chat } from '../testing/chat'
import { BASE, evmPayer } from '../testing/officialClients'
import { postSignIn, signInMessage } from '../testing/signIn'
import { startGateway } from '../testing/startGateway'

const both = { dialects: ['x402', 'arouter'] } as const

test('each dialect has a port of its own, and the url is the first one', async () => {
  const { url, urls } = await startGateway(both)
  expect(url).toBe(urls.x402)
  expect(new URL(urls.arouter ?? '').port).not.toBe(new URL(url).port)
  expect((await fetch(`${urls.x402}/v1/models`)).status).toBe(404)
  expect((await fetch(`${urls.arouter}/v1/models`)).status).toBe(200)
})

test('without a word about dialects a gateway is ARouter', async () => {
  const { url, urls } = await startGateway()
  expect(urls).toEqual({ arouter: url })
})

test('dialects share chains, faults and the journal', async () => {
  const gateway = await startGateway({ ...both, balances: {} })
  const payer = evmPayer()
  await gateway.state.setBalance(BASE, payer.account.address, '$1.01')
  expect((await payer.pay(`${gateway.urls.x402}/weather`)).status).toBe(200)
  gateway.faults.next('5xx-before', { path: '/v1/chat' })
  const path = '/v1/chat/completions'
  expect((await fetch(`${gateway.urls.arouter}${path}`, chat('x'))).status).toBe(502)
  expect((await payer.pay(`${gateway.urls.arouter}${path}`, chat('x'))).status).toBe(200)
  expect(await gateway.state.balanceOf(BASE, payer.account.address)).toBe(0n)
  expect(gateway.state.counts()).toMatchObject({ sales: 1, payments: 1, requests: 5, faults: 1 })
  const hosts = gateway.state.requests.map(({ host }) => `http://${host}`)
  expect(new Set(hosts)).toEqual(new Set(Object.values(gateway.urls)))
})

test('every origin has the chains and the page, for its own address only', async () => {
  const gateway = await startGateway(both)
  for (const url of Object.values(gateway.urls)) {
    const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] })
    const answer = await fetch(`${url}/rpc/${BASE}`, { method: 'POST', body: call })
    expect(await answer.json()).toMatchObject({ result: '0x2105' })
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html')
    expect((await gateway.fetch(url)).status).toBe(200)
  }
  expect((await gateway.fetch('http://rebound.example/')).status).toBe(403)
})

test('a wallet signs in for the host of ARouter, and for no other one', async () => {
  const gateway = await startGateway({ dialects: ['arouter', 'x402'] })
  const { account } = evmPayer()
  const { host } = new URL(gateway.urls.x402 ?? '')
  for (const [domain, status] of [
    [host, 401],
    [new URL(gateway.url).host, 200],
  ] as const) {
    const message = signInMessage(gateway, account.address, { domain })
    const signature = await account.signMessage({ message })
    expect((await postSignIn(gateway, message, signature)).status).toBe(status)
  }
})

test('without a socket a request goes to the dialect at its origin, and else to the first one', async () => {
  const { fetch, urls } = await startGateway(both)
  expect((await fetch(`${urls.arouter}/v1/models`)).status).toBe(200)
  expect((await fetch('/weather')).status).toBe(402)
  expect((await fetch('https://elsewhere.example/weather')).status).toBe(402)
})

test('further dialects listen on the ports after the first, and a taken one leaves none open', async () => {
  // Below the ports that systems give out by themselves.
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const { urls } = await startGateway({ ...both, port })
  expect(urls).toEqual({
    x402: `http://127.0.0.1:${port}`,
    arouter: `http://127.0.0.1:${port + 1}`,
  })
  await expect(createMockGateway({ ...both, port: port - 1 })).rejects.toThrow('EADDRINUSE')
  await expect(fetch(`http://127.0.0.1:${port - 1}/weather`)).rejects.toThrow('fetch failed')
})

test.each([
  [[], 'dialects must name at least one dialect'],
  [['x402', 'x402'], 'dialects names one twice'],
  [['x403'], "unknown dialect 'x403', expected one of arouter, "],
])('dialects %j are refused', async (dialects, message) => {
  const start = createMockGateway({ dialects: dialects as never })
  await expect(start).rejects.toThrow(message)
  await expect(start).rejects.toThrow(GatewayConfigError)
})
