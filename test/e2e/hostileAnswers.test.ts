import { inspect } from 'node:util'
import { ARouter, memoryStore, type WalletOptions, withX402EvmPayment } from '@arouter/sdk'
import { expect, test } from 'vitest'
import { countingAccount, failure, HELLO } from '../support/harness'
import { base64, challenge, jwt, offer, startHostileGateway } from '../support/hostileGateway'

function clientOf(url: string, options: WalletOptions = {}) {
  const { account, signed } = countingAccount()
  const client = withX402EvmPayment(
    new ARouter({ baseURL: url, maxRetries: 0, timeout: 100_000 }),
    account,
    {
      store: memoryStore(),
      signIn: 'never',
      ...options,
    },
  )
  return { client, account, signed }
}

test('a gateway that takes the payment and asks again gets one payment from a thousand calls', async () => {
  const gateway = await startHostileGateway(({ payment }, response, url) => {
    const receipt = base64({ success: true, transaction: '0xabc', network: 'eip155:8453' })
    response.writeHead(402, {
      'payment-required': challenge(url),
      ...(payment && { 'payment-response': receipt }),
    })
    response.end('{}')
  })
  const { client, signed } = clientOf(gateway.url)
  const results = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => client.chatCompletion(HELLO)),
  )
  for (const result of results) {
    expect(result).toMatchObject({ reason: { code: 'paid_but_failed', fundsMoved: 'yes' } })
  }
  expect(signed.transfers).toBe(1)
  expect(gateway.nonces().size).toBe(1)
}, 120_000)

test('402 for ever without a receipt: one signature, held', async () => {
  const gateway = await startHostileGateway((_, response, url) => {
    response.writeHead(402, { 'payment-required': challenge(url) }).end()
  })
  const { client, signed } = clientOf(gateway.url)
  for (let i = 0; i < 3; i++) {
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      code: 'payment_unconfirmed',
    })
  }
  expect(signed.transfers).toBe(1)
  expect(gateway.nonces().size).toBe(1)
})

test.each([301, 302, 303, 307, 308])(
  'a %i of the paid request carries nothing to another origin',
  async (status) => {
    const thief = await startHostileGateway((_, response) => {
      response.end('{}')
    })
    const gateway = await startHostileGateway(({ payment }, response, url) => {
      if (payment)
        response.writeHead(status, { location: `${thief.url}/v1/chat/completions` }).end()
      else response.writeHead(402, { 'payment-required': challenge(url) }).end()
    })
    const { client } = clientOf(gateway.url)
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ fundsMoved: 'maybe' })
    expect(thief.seen).toEqual([])
  },
)

test.each([
  ['without a payment', { success: true }, 'bare'],
  ['with success false', { success: false }, 'paid'],
  ['for another payer', { success: true, payer: `0x${'1'.repeat(40)}` }, 'paid'],
  [
    'made out to another wallet',
    { success: true, jwt: jwt({ sub: `0x${'2'.repeat(40)}` }) },
    'paid',
  ],
  ['that is an object', { success: true, jwt: { a: 1 } }, 'paid'],
  ['that is a list', { success: true, jwt: ['a.b.c'] }, 'paid'],
  ['that is no JWT', { success: true, jwt: 'q' }, 'paid'],
  ['with a line break', { success: true, jwt: 'aaaa.bbbb.cccc\r\nx: y' }, 'paid'],
  ['over 4 KB', { success: true, jwt: jwt({ pad: 'x'.repeat(5_000) }) }, 'paid'],
  ['expired', { success: true, jwt: jwt({ exp: 1 }) }, 'paid'],
] as const)('a token %s is not adopted', async (_, receipt, when) => {
  const good = jwt({ tenant: 't' })
  const gateway = await startHostileGateway(({ payment }, response, url) => {
    if (!payment && when === 'paid') {
      response.writeHead(402, { 'payment-required': challenge(url) }).end()
      return
    }
    const header = base64({ transaction: '0xabc', network: 'eip155:8453', jwt: good, ...receipt })
    response.writeHead(200, { 'payment-response': header }).end('{"choices":[]}')
  })
  const { client } = clientOf(gateway.url)
  await client.chatCompletion(HELLO)
  await client.chatCompletion(HELLO).catch(() => undefined)
  expect(gateway.seen.at(-1)?.headers.authorization).toBeUndefined()
})

test('an address once paid here is the only one paid from then on', async () => {
  let payTo: string = offer().payTo
  const gateway = await startHostileGateway(({ payment }, response, url) => {
    if (payment) response.end('{"choices":[]}')
    else response.writeHead(402, { 'payment-required': challenge(url, [offer({ payTo })]) }).end()
  })
  const { client, signed } = clientOf(gateway.url)
  await client.chatCompletion(HELLO)
  payTo = `0x${'3'.repeat(40)}`
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'no_acceptable_offer' })
  expect(signed.transfers).toBe(1)
})

test('an endless 402 body with a complete header is not read', async () => {
  const gateway = await startHostileGateway(({ payment }, response, url) => {
    if (payment) {
      response.end('{"choices":[]}')
      return
    }
    response.writeHead(402, { 'payment-required': challenge(url) })
    const fill = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) {}
    }
    response.on('drain', fill)
    fill()
  })
  const { client, signed } = clientOf(gateway.url)
  await client.chatCompletion(HELLO)
  expect(signed.transfers).toBe(1)
})

test('an endless 402 body without a header is given up, and nothing is signed', async () => {
  const gateway = await startHostileGateway((_, response) => {
    response.writeHead(402)
    const fill = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536))) {}
    }
    response.on('drain', fill)
    fill()
  })
  const { client, signed } = clientOf(gateway.url)
  expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
    code: 'insufficient_credits',
  })
  expect(signed.transfers).toBe(0)
})

test('a permanent 401 gets a few signatures from a hundred calls, further apart each time', async () => {
  const gateway = await startHostileGateway(({ path }, response) => {
    if (path.endsWith('/auth'))
      response.end(JSON.stringify({ jwt: jwt({}), tenant_id: 't', key_id: 'k' }))
    else response.writeHead(401).end('{"error":{"message":"no","type":"authentication_error"}}')
  })
  const { client, signed } = clientOf(gateway.url, { signIn: 'auto' })
  for (let i = 0; i < 100; i++) {
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      code: 'authentication_error',
    })
  }
  // Two before the first wait; then one after 1, 2, 4 .. seconds, as long as a slow machine takes.
  expect(signed.messages).toBeLessThanOrEqual(6)
  expect(signed.transfers).toBe(0)
})

test('what a server echoes of a credential does not reach an error', async () => {
  const gateway = await startHostileGateway(({ headers }, response) => {
    const message = `bad ${headers.authorization} and ${headers['payment-signature']}`
    response
      .writeHead(400)
      .end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }))
  })
  const apiKey = 'canary-key-0123456789'
  const error = await failure(new ARouter({ baseURL: gateway.url, apiKey }).chatCompletion(HELLO))
  expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(apiKey)
})

test('a client shows neither its key nor its token', async () => {
  const client = new ARouter({ apiKey: 'canary-key-0123456789' })
  expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toContain(
    'canary',
  )
})

test('a client does not talk to another origin', async () => {
  const other = await startHostileGateway((_, response) => {
    response.end()
  })
  const client = new ARouter({ baseURL: 'https://gateway.example', apiKey: 'k' })
  for (const url of [
    other.url,
    `${other.url}/v1`,
    'https://gateway.example@127.0.0.1/',
    '//evil.example/x',
  ]) {
    expect(await failure(client.fetch(url))).toMatchObject({ fundsMoved: 'no' })
  }
  expect(other.seen).toEqual([])
})
