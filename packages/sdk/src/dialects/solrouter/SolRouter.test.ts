import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { AgentRequestInit } from '../../agent/createAgentWallet'
import { ARouterError, InsufficientCreditsError } from '../../errors'
import { solrouterCode } from './errors'
import { SolRouter } from './SolRouter'

const BASE = 'https://solrouter.test'
const newKey = () => `sk_solrouter_${randomBytes(16).toString('hex')}`
const envelope = {
  ciphertext: 'AAAA',
  nonce: 'BBBB',
  version: '2.0-packed31',
  other: [1, { a: null }],
}

/** A client whose requests are answered as `answer` says. */
function scene(answer: () => Response) {
  const seen: { url: string; method: string; authorization: string | null; body: string }[] = []
  const customFetch: typeof fetch = async (url, init) => {
    const authorization = new Headers(init?.headers).get('authorization')
    const body = String(init?.body ?? '')
    seen.push({ url: String(url), method: init?.method ?? 'GET', authorization, body })
    return answer()
  }
  const apiKey = newKey()
  return { client: SolRouter({ apiKey, baseURL: BASE, customFetch }), seen, apiKey }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => new Error('expected a rejection'),
    (error: unknown) => error,
  )

describe('Solrouter with an API key', () => {
  test('sends a prompt to the agent, with the key in one header', async () => {
    const reply = { success: true, reply: 'hello', toolCalls: [], freeMessagesRemaining: 4 }
    const { client, seen, apiKey } = scene(() => Response.json(reply))
    expect(await client.agent({ prompt: 'hi', reasoning: 'braid' })).toEqual(reply)
    const body = JSON.stringify({ prompt: 'hi', reasoning: 'braid' })
    expect(seen).toEqual([
      { url: `${BASE}/agent`, method: 'POST', authorization: `Bearer ${apiKey}`, body },
    ])
  })

  test('passes encrypted envelopes on as they are, both ways', async () => {
    const { client, seen } = scene(() => Response.json({ encryptedResponse: envelope, cost: 0.02 }))
    const request = { encryptedPrompt: envelope, model: 'nosana:gpt-oss:20b' }
    expect(await client.chat(request)).toEqual({ encryptedResponse: envelope, cost: 0.02 })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(request)
  })

  test('takes a 200 that says that it failed for what it is', async () => {
    const deposit = { success: false, requiresDeposit: true, reason: 'free_trial_exhausted' }
    const error = await failure(scene(() => Response.json(deposit)).client.agent({ prompt: 'hi' }))
    expect(error).toBeInstanceOf(InsufficientCreditsError)
    expect(error).toMatchObject({ code: 'insufficient_credits', fundsMoved: 'no' })
    expect(solrouterCode(error)).toBe('free_trial_exhausted')
    const broken = scene(() => Response.json({ success: false, error: 'tool broke' }))
    expect(await failure(broken.client.agent({ prompt: 'hi' }))).toMatchObject({
      code: 'answer_refused',
      statusCode: 200,
    })
  })

  test.each([
    [401, 'unauthorized', 'authentication_error'],
    [402, 'insufficient_funds', 'insufficient_credits'],
    [429, 'guest_limit', 'rate_limit_exceeded'],
    [451, 'sanctioned', 'sanctioned'],
    [503, 'billing_unavailable', 'billing_unavailable'],
  ] as const)('tells a %i by its class and its own code, %s', async (status, error, code) => {
    const body = { error, detail: 'in words' }
    const { client, apiKey } = scene(() => Response.json(body, { status }))
    const refused = await failure(client.balance())
    expect(refused).toBeInstanceOf(ARouterError)
    expect(refused).toMatchObject({ statusCode: status, code, fundsMoved: 'no' })
    expect(solrouterCode(refused)).toBe(error)
    expect(String(refused)).toContain('in words')
    const echoed = scene(() =>
      Response.json({ error: 'bad_request', detail: apiKey }, { status: 400 }),
    )
    expect(String(await failure(echoed.client.balance()))).toContain('[redacted]')
  })

  test('refuses a key of another form without repeating it', () => {
    for (const apiKey of [
      '',
      'sk_other_12345678901234567890',
      'sk_solrouter_short',
      `${newKey()}\n`,
    ]) {
      expect(() => SolRouter({ apiKey })).toThrow('sk_solrouter_ and at least 20')
    }
  })

  test.each([
    ['agent', { success: true }],
    ['agent', []],
    ['balance', { balance_usdc: '1' }],
    ['models', { data: [{}] }],
    ['usage', 'text'],
  ] as const)('does not take what is no answer for one: %s', async (method, body) => {
    const { client } = scene(() => Response.json(body))
    const call = method === 'agent' ? client.agent({ prompt: 'hi' }) : client[method]()
    expect(await failure(call)).toMatchObject({ code: 'malformed_answer' })
  })
})

describe('what Solrouter tells of itself', () => {
  const hints = (manifest: unknown) => scene(() => Response.json(manifest)).client.discover()

  test('is read as far as it can be', async () => {
    const resources = [
      { method: 'post', path: '/a', price: '$0.02' },
      { path: '/b', price: 0.5 },
      { path: 'https://elsewhere.test/c', price: '$1' },
      { method: 7, path: '/d', price: ['$1'] },
      null,
    ]
    expect(await hints({ network: 'solana', asset: 'USDC', payTo: 7, resources })).toEqual({
      network: 'solana',
      asset: 'USDC',
      payTo: undefined,
      resources: [
        { method: 'POST', path: '/a', price: '$0.02' },
        { method: 'POST', path: '/b', price: '0.5' },
        { method: 'POST', path: '/d', price: undefined },
      ],
    })
  })

  test.each([[[]], ['text'], [null], [{ resources: 'none' }]])(
    'may be nothing: %j',
    async (manifest) => {
      expect(await hints(manifest)).toMatchObject({ resources: [] })
    },
  )
})

describe('Solrouter with a wallet', () => {
  const PAID = { 'x-payment': 'e30=' }
  /** A wallet that sends a request with these headers, or none where it has the answer. */
  const chatting = (answer: Response, sent?: Record<string, string>) => {
    const calls: [string, Record<string, unknown>][] = []
    const wallet = {
      fetch: async (url: string | URL | Request, { via, ...init }: AgentRequestInit = {}) => {
        calls.push([String(url), { ...init }])
        const send = async () => answer
        return sent && via ? via(send)(url, { headers: sent }) : answer
      },
    }
    const client = SolRouter({ wallet, baseURL: BASE })
    const chat = client.chat(
      { encryptedPrompt: envelope, model: 'gpt-oss:20b' },
      { idempotencyKey: 'question-1' },
    )
    return { chat, calls }
  }

  test('leaves the payment to the wallet, under the name that its caller gave', async () => {
    const { chat, calls } = chatting(Response.json({ encryptedResponse: 'sealed' }), PAID)
    expect(await chat).toEqual({ encryptedResponse: 'sealed' })
    expect(calls).toMatchObject([
      [`${BASE}/api/v1/x402/chat/completions`, { method: 'POST', idempotencyKey: 'question-1' }],
    ])
  })

  test.each([
    ['no answer', {}, 'malformed_answer'],
    ['a failure', { success: false, reason: 'model is away' }, 'answer_refused'],
  ])('says that funds moved where what was paid for is %s', async (_, body, code) => {
    const moved = async (sent?: Record<string, string>) => {
      const error = await failure(chatting(Response.json(body), sent).chat)
      expect(error).toMatchObject({ code })
      return (error as ARouterError).fundsMoved
    }
    // By the payment that was sent: the seller may have left its receipt out.
    expect(await moved(PAID)).toBe('yes')
    expect(await moved()).toBe('yes')
    expect(await moved({})).toBe('no')
  })
})
