import { getCompiledTransactionMessageDecoder } from '@solana/kit'
import { expect, test } from 'vitest'
import type { SolanaNode } from '../SolanaNode'
import { ask, startNode, startTrade } from '../testing'

const METHODS = [
  'getAccountInfo',
  'getBalance',
  'getBlockTime',
  'getFeeForMessage',
  'getLatestBlockhash',
  'getMinimumBalanceForRentExemption',
  'getMultipleAccounts',
  'getSignatureStatuses',
  'getSignaturesForAddress',
  'getTokenAccountBalance',
  'getTokenAccountsByOwner',
  'getTokenSupply',
  'getTransaction',
  'isBlockhashValid',
  'requestAirdrop',
  'sendTransaction',
  'simulateTransaction',
]

const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1.5,
  1e300,
  '',
  '1'.repeat(1_800),
  '11111111111111111111111111111111',
  'so1ana',
  '\u0000\ud800',
  [],
  [[]],
  ['11111111111111111111111111111111', 7],
  {},
  { encoding: 'base64' },
  { encoding: 'jsonParsed', commitment: 'never' },
  { commitment: 'processed', minContextSlot: 1e15 },
  { dataSlice: { offset: -1, length: 1e9 } },
  { mint: '11111111111111111111111111111111', programId: 5 },
  { __proto__: null, constructor: 'x', toString: 'y' },
]

type Answer = { readonly result?: unknown; readonly error?: { readonly code?: unknown } }

const isAnswer = ({ result, error }: Answer) =>
  result !== undefined || (typeof error?.code === 'number' && error.code !== -32603)

test.each(METHODS)(
  '%s answers whatever it is given, and never with an accident',
  async (method) => {
    const node = await startNode()
    for (const one of VALUES) {
      for (const other of VALUES) {
        const answer = await ask(node, method, [one, other])
        expect(isAnswer(answer), JSON.stringify({ one, other, answer })).toBe(true)
      }
    }
  },
)

test('no bytes that are sent as a transaction end the process', async () => {
  const node = await startNode()
  const { sign, seller } = await startTrade(node)
  const wire = Buffer.from(String((await sign()).payload.transaction), 'base64')
  const length = wire.length
  const change = seeded(4711)
  for (let i = 0; i < 600; i++) {
    const bytes = Buffer.from(wire)
    for (let n = change(3); n >= 0; n--) bytes[change(length)] = change(3) ? change(256) : 255
    const sent = change(9) ? bytes : bytes.subarray(0, change(length))
    const method = change(2) ? 'simulateTransaction' : 'sendTransaction'
    const config = { encoding: 'base64', skipPreflight: change(2) === 0 }
    const answer = await ask(node, method, [sent.toString('base64'), config])
    expect(isAnswer(answer), JSON.stringify(answer)).toBe(true)
  }
  expect(await node.balanceOf(seller)).toBe(0n)
})

test('a length that is not in its shortest form is refused before the native library sees it', async () => {
  const node = await startNode()
  const { sign } = await startTrade(node)
  const wire = Buffer.from(String((await sign()).payload.transaction), 'base64')
  const start = 1 + 2 * 64
  const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(wire.subarray(start))
  const accounts = wire.indexOf(staticAccounts.length, start + 4)
  const longer = Buffer.concat([
    wire.subarray(0, accounts),
    Uint8Array.of(staticAccounts.length | 0x80, 0),
    wire.subarray(accounts + 1),
  ])
  const params = [longer.toString('base64'), { encoding: 'base64', skipPreflight: true }]
  expect(await ask(node, 'sendTransaction', params)).toMatchObject({
    error: { code: -32602, message: expect.stringContaining('shortest form') },
  })
})

const post = ({ url }: SolanaNode, body: BodyInit) => fetch(url, { method: 'POST', body })

test('what is no JSON-RPC gets JSON-RPC errors', async () => {
  const node = await startNode()
  expect(await (await post(node, '{')).json()).toMatchObject({ error: { code: -32700 } })
  expect(await (await post(node, '7')).json()).toMatchObject({ id: null, error: { code: -32600 } })
  expect(await (await post(node, '[7, {"id":3,"method":"getHealth"}]')).json()).toMatchObject([
    { error: { code: -32600 } },
    { id: 3, result: 'ok' },
  ])
  expect(await ask(node, '__proto__')).toMatchObject({ error: { code: -32601 } })
  expect(await ask(node, 'constructor')).toMatchObject({ error: { code: -32601 } })
  const deep = '['.repeat(20_000)
  expect(await (await post(node, deep)).json()).toMatchObject({ error: { code: -32700 } })
  expect((await post(node, 'x'.repeat(60_000))).status).toBe(413)
  const chunks = new Blob(['x'.repeat(60_000)]).stream()
  const streamed = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit
  expect((await fetch(node.url, streamed)).status).toBe(413)
  expect((await fetch(node.url)).status).toBe(405)
})

/** Numbers below a bound, the same each time. */
function seeded(seed: number) {
  let state = seed
  return (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
