import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import {
  ARouter,
  type ARouterConfig,
  type ARouterEvent,
  memoryStore,
  withX402EvmPayment,
} from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectHidden, shown, watchConsole } from '../support/canaries'
import { failure } from '../support/harness'
import { base64, challenge, jwt, type Seen, startHostileGateway } from '../support/hostileGateway'

const random = () => crypto.randomUUID().replaceAll('-', '')

/** A prompt that no pattern would know for a secret. */
const newPrompt = () => `my blood type and the name of my ${random()} cat`

/** The secrets of a request, as the server has them. */
function secretsOf({ headers, body }: Pick<Seen, 'headers' | 'body'>): string[] {
  const found: string[] = []
  const bearer = headers.authorization?.replace('Bearer ', '')
  if (bearer) found.push(bearer)
  for (const name of ['payment-signature', 'sign-in-with-x']) {
    const header = headers[name]
    if (typeof header !== 'string') continue
    const { payload, signature } = JSON.parse(Buffer.from(header, 'base64').toString())
    found.push(header, signature ?? payload.signature)
  }
  const prompt = body ? JSON.parse(body).messages?.[0]?.content : undefined
  if (prompt) found.push(prompt)
  return found
}

type Echo = (response: ServerResponse, status: number, said: string) => void

const json = (value: unknown) => JSON.stringify(value)

/** Where a server can put what it was sent. */
const PLACES: Readonly<Record<string, Echo>> = {
  'the message of the error': (response, status, said) =>
    response.writeHead(status).end(json({ error: { message: said, type: 'x' } })),
  'the type of the error': (response, status, said) =>
    response.writeHead(status).end(json({ error: { message: 'no', type: said } })),
  'a flat error': (response, status, said) =>
    response.writeHead(status).end(json({ code: said, message: said, details: said })),
  'a sentence': (response, status, said) => response.writeHead(status).end(json({ error: said })),
  'plain text': (response, status, said) => response.writeHead(status).end(said),
  'the status text': (response, status, said) => response.writeHead(status, said).end('{}'),
  'the id of the request': (response, status, said) =>
    response.writeHead(status, { 'x-request-id': said }).end('{}'),
  'other headers': (response, status, said) =>
    response
      .writeHead(status, {
        'retry-after': said,
        'www-authenticate': said,
        location: `https://evil.example/?${encodeURI(said)}`,
        'x-ratelimit-reset': said,
        'content-type': said,
      })
      .end('{}'),
  'a PAYMENT-REQUIRED that is none': (response, status, said) =>
    response.writeHead(status, { 'payment-required': said }).end('{}'),
  'the terms': (response, status, said) =>
    response
      .writeHead(status, {
        'payment-required': base64({
          x402Version: 2,
          error: said,
          resource: { url: said },
          accepts: [{ scheme: said, network: said, amount: said, asset: said, payTo: said }],
          extensions: { 'sign-in-with-x': { info: { domain: said, nonce: said } } },
        }),
      })
      .end('{}'),
  'a receipt': (response, status, said) =>
    response
      .writeHead(status, {
        'payment-response': base64({
          success: status < 300,
          errorReason: said,
          transaction: said,
          network: 'eip155:8453',
          jwt: said,
        }),
      })
      .end(said),
}

const STATUSES = [200, 301, 400, 401, 402, 403, 404, 409, 429, 500, 503]

/** Runs the calls of one client and gathers all it lets be seen. */
async function watch(client: ARouter, prompt: string, events: readonly ARouterEvent[] = []) {
  const printed = watchConsole()
  const request = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: prompt }] }
  const outcomes: unknown[] = []
  const note = (error: unknown) => void outcomes.push(error)
  await client.chatCompletion(request).catch(note)
  const read = async () => {
    for await (const chunk of client.chatCompletionStream(request)) void chunk
  }
  await read().catch(note)
  return { outcomes, told: [outcomes, events, printed, client] }
}

function walletClient(url: string, config: ARouterConfig = {}) {
  const key = generatePrivateKey()
  const events: ARouterEvent[] = []
  const client = withX402EvmPayment(
    new ARouter({ baseURL: url, maxRetries: 0, timeout: 10_000, ...config }),
    privateKeyToAccount(key),
    { store: memoryStore(), events: (event) => events.push(event) },
  )
  return { client, events, key }
}

describe.each(Object.entries(PLACES))('what a server echoes in %s', (_, echo) => {
  test.each(STATUSES)('of a %i is not shown by a client with an API key', async (status) => {
    const apiKey = `any-form-of-key-${random()}`
    const secrets: string[] = []
    const server = await startHostileGateway((seen, response) => {
      secrets.push(...secretsOf(seen))
      echo(response, status, secretsOf(seen).join(' '))
    })
    const client = new ARouter({ baseURL: server.url, apiKey, maxRetries: 0 })
    const prompt = newPrompt()
    const { told, outcomes } = await watch(client, prompt)
    expect(secrets).toContain(apiKey)
    expect(secrets).toContain(prompt)
    expect(outcomes.length).toBeGreaterThan(0)
    expectHidden(told, secrets)
  })

  test.each(STATUSES)('of a %i is not shown by a wallet that has a token', async (status) => {
    const secrets: string[] = []
    const server = await startHostileGateway((seen, response) => {
      secrets.push(...secretsOf(seen))
      if (seen.path.endsWith('/auth')) {
        response.end(json({ jwt: jwt({ jti: random() }), tenant_id: 't', key_id: 'k' }))
      } else echo(response, status, secretsOf(seen).join(' '))
    })
    const { client, events, key } = walletClient(server.url)
    const prompt = newPrompt()
    const { told } = await watch(client, prompt, events)
    expect(secrets).toContain(prompt)
    expectHidden(told, [...secrets, key])
  })

  test.each(STATUSES)('of a %i in answer to a sign-in is not shown', async (status) => {
    const secrets: string[] = []
    const server = await startHostileGateway((seen, response, url) => {
      secrets.push(...secretsOf(seen))
      if (seen.path.endsWith('/auth')) echo(response, status, secretsOf(seen).join(' '))
      else response.writeHead(402, { 'payment-required': challenge(url, []) }).end('{}')
    })
    const { client, events, key } = walletClient(server.url)
    const { told } = await watch(client, newPrompt(), events)
    expect(secrets.length).toBeGreaterThan(1)
    expectHidden(told, [...secrets, key])
  })

  // Concurrent, for most of them wait before they try the same payment again.
  test('of any status in answer to a payment is not shown', async () => {
    await Promise.all(
      [200, 301, 400, 401, 402, 403, 500].map(async (status) => {
        const secrets: string[] = []
        const server = await startHostileGateway((seen, response, url) => {
          secrets.push(...secretsOf(seen))
          if (seen.payment) echo(response, status, secretsOf(seen).join(' '))
          else if (seen.path.endsWith('/auth')) response.writeHead(404).end('{}')
          else response.writeHead(402, { 'payment-required': challenge(url) }).end('{}')
        })
        const { client, events, key } = walletClient(server.url)
        const { told } = await watch(client, newPrompt(), events)
        expect(secrets.length).toBeGreaterThan(3)
        expectHidden([told, await client.payments.list()], [...secrets, key])
      }),
    )
  })
})

describe('a stream', () => {
  const STREAMS: Readonly<Record<string, (said: string) => string>> = {
    'an error event': (said) => `data: ${json({ error: { message: said, code: said } })}\n\n`,
    'an error event of another form': (said) => `event: error\ndata: ${json(said)}\n\n`,
    'an error event of plain text': (said) => `event: ${said}\ndata: ${said}\n\n`,
    'data that is no JSON': (said) => `data: {"said": ${said}\n\n`,
    'a comment and an end too early': (said) => `: ${said}\nid: ${said}\nretry: ${said}\n\n`,
    'a line too long': (said) => `data: ${said.repeat(20_000)}\n\n`,
  }
  test.each(Object.entries(STREAMS))('that echoes secrets in %s shows none', async (_, write) => {
    const apiKey = `any-form-of-key-${random()}`
    const secrets: string[] = []
    const server = await startHostileGateway((seen, response) => {
      secrets.push(...secretsOf(seen))
      const said = secretsOf(seen).join(' ')
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': said })
      response.end(write(said))
    })
    const client = new ARouter({ baseURL: server.url, apiKey, maxRetries: 0 })
    const { told, outcomes } = await watch(client, newPrompt())
    expect(outcomes).toHaveLength(2)
    expect(secrets).toContain(apiKey)
    expectHidden(told, secrets)
  })
})

test.each([
  ['a status line that is none', (said: string) => `HTTP/1.1 2x0 ${said}\r\n\r\n`],
  ['a header that is none', (said: string) => `HTTP/1.1 200 OK\r\nx y: ${said}\r\n\r\n`],
  [
    'a chunk that is none',
    (said: string) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz ${said}\r\n`,
  ],
  ['something that is not HTTP', (said: string) => `${said}\r\n\r\n`],
])('%s that echoes secrets shows none', async (_, answer) => {
  const apiKey = `any-form-of-key-${random()}`
  const prompt = newPrompt()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer(`${apiKey} ${prompt}`)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { told, outcomes } = await watch(
    new ARouter({ baseURL: url, apiKey, maxRetries: 0 }),
    prompt,
  )
  expect(outcomes).toHaveLength(2)
  expectHidden(told, [apiKey, prompt])
})

test('a key that a signer puts into its error is not shown', async () => {
  const server = await startHostileGateway(({ path }, response, url) => {
    if (path.endsWith('/auth')) response.writeHead(404).end('{}')
    else response.writeHead(402, { 'payment-required': challenge(url) }).end('{}')
  })
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  const fails = async (): Promise<never> => {
    throw Object.assign(new Error(`cannot sign with ${key}`, { cause: { key } }), {
      key,
      code: -32_603,
    })
  }
  for (const signIn of ['auto', 'never'] as const) {
    const client = withX402EvmPayment(
      new ARouter({ baseURL: server.url }),
      { ...account, signMessage: fails, signTypedData: fails },
      { store: memoryStore(), signIn },
    )
    const { told, outcomes } = await watch(client, newPrompt())
    expect(outcomes[0]).toMatchObject({ code: 'wallet_failed' })
    expectHidden(told, [key, key.slice(2)])
  }
})

test('what is hidden would be found: the watch itself can fail', async () => {
  const secret = random()
  const places: readonly unknown[] = [
    new Error(secret),
    new Error('x', { cause: new Error('y', { cause: secret }) }),
    Object.assign(new Error('x'), { context: { deep: { deeper: [secret] } } }),
    Object.defineProperty(new Error('x'), 'hidden', { value: secret, enumerable: false }),
    { toString: () => secret },
    { toJSON: () => secret },
    base64({ error: `the ${secret}` }),
    new Map([[secret, 1]]),
  ]
  for (const place of places) {
    expect(shown(place)).toContain(secret)
    expect(
      await failure(Promise.resolve().then(() => expectHidden(place, [secret]))),
    ).toBeInstanceOf(Error)
  }
})
