import {
  ARouter,
  type ChatCompletionRequest,
  isARouterError,
  memoryStore,
  withX402EvmPayment,
} from '@arouter/sdk'
import { evmSigner } from '@arouter/x402-evm'
import { solanaSigner } from '@arouter/x402-solana'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { countingAccount, failure } from '../support/harness'
import { base64, offer } from '../support/hostileGateway'

const ORIGIN = 'https://gateway.example'
const CHAT: ChatCompletionRequest = { model: 'm', messages: [{ role: 'user', content: 'hello' }] }
const LEVELS = 100_000

const lists = '['.repeat(LEVELS) + ']'.repeat(LEVELS)
const objects = `${'{"error":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`
const deep = (shape: string) => [
  [`${shape} in lists`, `{"x402Version":2,"error":${lists},"choices":${lists}}`] as const,
  [`${shape} in objects`, objects] as const,
  [`${shape} that is not closed`, '['.repeat(LEVELS)] as const,
]

const terms = base64({
  x402Version: 2,
  resource: { url: `${ORIGIN}/v1/chat/completions` },
  accepts: [offer()],
})
const demand = () => new Response(null, { status: 402, headers: { 'payment-required': terms } })
const encoded = (text: string) => Buffer.from(text).toString('base64url')

/** A wallet's client whose gateway gives these answers, one after the other, the last one for ever. */
function clientOf(...answers: readonly (() => Response)[]) {
  const { account, signed } = countingAccount()
  let asked = 0
  const customFetch: typeof fetch = async () => (answers[asked++] ?? answers.at(-1) ?? demand)()
  const gateway = new ARouter({ baseURL: ORIGIN, maxRetries: 0, customFetch })
  const client = withX402EvmPayment(gateway, account, { store: memoryStore(), signIn: 'never' })
  return { client, signed }
}

test.each(deep('an answer'))('%s of 100,000 levels is malformed', async (_, body) => {
  for (const call of [
    () => clientOf(() => new Response(body)).client.chatCompletion(CHAT),
    () => clientOf(() => new Response(body)).client.listModels(),
  ]) {
    const error = await failure(call())
    expect(error).toMatchObject({ code: 'malformed_answer', fundsMoved: 'no' })
  }
})

test.each(deep('an event'))('%s of 100,000 levels breaks its stream', async (_, data) => {
  const read = async (event: string) => {
    const { client } = clientOf(() => new Response(`${event}data: ${data}\n\ndata: [DONE]\n\n`))
    for await (const _ of client.chatCompletionStream(CHAT)) expect.unreachable()
  }
  expect(await failure(read(''))).toMatchObject({ code: 'stream_malformed', fundsMoved: 'no' })
  expect(await failure(read('event: error\n'))).toMatchObject({ code: 'stream_error' })
})

test.each(deep('a refusal'))(
  '%s of 100,000 levels is refused as its status says',
  async (_, text) => {
    const body = text.slice(0, 65_536)
    for (const [status, code] of [
      [401, 'authentication_error'],
      [402, 'insufficient_credits'],
      [403, 'unknown_error'],
      [500, 'unknown_error'],
    ] as const) {
      const { client, signed } = clientOf(() => new Response(body, { status }))
      const error = await failure(client.chatCompletion(CHAT))
      expect(error).toMatchObject({ statusCode: status, code, fundsMoved: 'no' })
      expect(signed.transfers).toBe(0)
    }
  },
)

test.each(deep('a PAYMENT-REQUIRED header'))('%s of 100,000 levels is refused', async (_, text) => {
  for (const header of [encoded(text), encoded(text.slice(0, 16_000))]) {
    const headers = { 'payment-required': header }
    const { client, signed } = clientOf(() => new Response(null, { status: 402, headers }))
    const error = await failure(client.chatCompletion(CHAT))
    expect(error).toMatchObject({ code: 'invalid_payment_required', fundsMoved: 'no' })
    expect(signed.transfers).toBe(0)
  }
})

test.each(deep('a receipt'))('%s of 100,000 levels is none', async (_, text) => {
  for (const receipt of [encoded(text), encoded(text.slice(0, 16_000))]) {
    const headers = { 'payment-response': receipt }
    const { client, signed } = clientOf(demand, () => new Response('{"choices":[]}', { headers }))
    expect(await client.chatCompletion(CHAT)).toEqual({ choices: [] })
    expect(signed.transfers).toBe(1)
  }
})

test.each(deep('a sign-in'))(
  '%s of 100,000 levels, answered or refused, brings no token',
  async (_, text) => {
    for (const [status, body] of [
      [200, `{"jwt":${text}}`],
      [200, JSON.stringify({ jwt: `e30.${encoded(text)}.e30` })],
      [401, text],
    ] as const) {
      const { account, signed } = countingAccount()
      const tokens: (string | null)[] = []
      const customFetch: typeof fetch = async (url, init) => {
        if (String(url).endsWith('/auth')) return new Response(body.slice(0, 65_536), { status })
        tokens.push(new Headers(init?.headers).get('authorization'))
        return Response.json({ choices: [] })
      }
      const gateway = new ARouter({ baseURL: ORIGIN, maxRetries: 0, customFetch })
      const client = withX402EvmPayment(gateway, account, { store: memoryStore() })
      await client.chatCompletion(CHAT).catch((error) => expect(isARouterError(error)).toBe(true))
      expect(tokens.every((token) => token === null)).toBe(true)
      expect(signed.transfers).toBe(0)
    }
  },
)

test.each(deep('an RPC answer'))('%s of 100,000 levels proves nothing', async (_, text) => {
  const answer: typeof fetch = async () => new Response(`{"result":${text}}`)
  const context = { rpc: ['https://rpc.example/'], fetch: answer }
  const evm = evmSigner(privateKeyToAccount(generatePrivateKey()))
  const solana = solanaSigner(Keypair.generate())
  const onBase = {
    network: 'eip155:8453',
    asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    from: evm.address,
    nonce: `0x${'ab'.repeat(32)}`,
    validBefore: '1800000000',
  }
  const onSolana = {
    network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    account: solana.address,
    signature: 'ours',
    memo: 'a1b2',
    blockhash: 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY',
    preparedAt: '1800000000',
  }
  expect(await evm.fate(onBase, context)).toBe('unknown')
  expect(await solana.fate(onSolana, context)).toBe('unknown')
})
