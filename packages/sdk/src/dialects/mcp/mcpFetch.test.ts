import { expect, test } from 'vitest'
import { mcpFetch } from './mcpFetch'

const CALL = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'add' } }
const TERMS = { x402Version: 1, accepts: [{ maxAmountRequired: '1' }] }

/** What the wallet is shown, and the fetch that shows it. */
function shop(answer: () => Response) {
  const shown: { status: number; terms: unknown }[] = []
  const wallet = {
    fetch: async (
      _: unknown,
      { via }: { via?: (send: typeof fetch) => typeof fetch } = {},
    ): Promise<Response> => {
      const response = await via?.(async () => new Response())('http://127.0.0.1')
      shown.push({ status: response?.status ?? 0, terms: await response?.json() })
      return new Response('paid')
    },
  }
  const send = mcpFetch(wallet, { customFetch: async () => answer() })
  const call = (body: unknown = CALL) =>
    send('http://127.0.0.1/mcp', { method: 'POST', body: JSON.stringify(body) })
  return { call, shown }
}

const json = (value: unknown) => () => Response.json(value)
const result = (value: unknown) => json({ jsonrpc: '2.0', id: 7, result: value })

test('terms in an error of JSON-RPC, as servers of x402 v1 have them, are shown to the wallet', async () => {
  const error = { code: 402, message: 'pay', data: TERMS }
  const { call, shown } = shop(json({ jsonrpc: '2.0', id: 7, error }))
  expect(await (await call()).text()).toBe('paid')
  expect(shown).toEqual([{ status: 402, terms: TERMS }])
})

test.each([
  ['an error of another code', json({ id: 7, error: { code: 400, data: TERMS } })],
  ['a result that is no error', result({ structuredContent: TERMS })],
  ['an error of a tool', result({ isError: true, content: [{ type: 'text', text: 'no' }] })],
  ['a reply to another call', json({ id: 8, result: { isError: true, structuredContent: TERMS } })],
  ['terms that are none', result({ isError: true, structuredContent: { accepts: [] } })],
  ['no JSON', () => new Response('{"id":7', { headers: { 'content-type': 'application/json' } })],
  ['another type', () => new Response(JSON.stringify({ id: 7, result: { isError: true } }))],
  ['no body', () => new Response(null, { status: 202 })],
])('%s comes as it is', async (_, answer) => {
  const { call, shown } = shop(answer)
  const response = await call()
  expect(response.status).toBe(answer().status)
  expect(await response.text()).toBe(await answer().text())
  expect(shown).toEqual([])
})

test('terms for what is no call of a tool are not shown to the wallet', async () => {
  const { call, shown } = shop(result({ isError: true, structuredContent: TERMS }))
  await call({ ...CALL, method: 'tools/list' })
  await call({ ...CALL, params: 1 })
  expect(shown).toEqual([])
})

test('an answer that is too long to be terms is passed on, piece by piece', async () => {
  const piece = new TextEncoder().encode(`${' '.repeat(65_536)}`)
  let sent = 0
  const endless = () => {
    const body = new ReadableStream({
      pull: (controller) => {
        sent += 1
        controller.enqueue(piece)
      },
    })
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  }
  const { call } = shop(endless)
  const reader = (await call()).body?.getReader()
  const read = async () => (await reader?.read())?.value?.length
  expect([await read(), await read()]).toEqual([piece.length, piece.length])
  await reader?.cancel()
  expect(sent).toBeLessThan(12)
})

test('an event that is longer than all that is looked at is passed on', async () => {
  const long = `data: ${JSON.stringify({ id: 7, result: 'x'.repeat(2_000_000) })}\n\n`
  const headers = { 'content-type': 'text/event-stream' }
  const { call } = shop(() => new Response(long, { headers }))
  expect(await (await call()).text()).toBe(long)
})
