import type { SiwxOptions } from '@arouter/mock-gateway'
import {
  ARouter,
  authenticateWithSIWx,
  memoryStore,
  withSIWxAuth,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import {
  parseSIWxHeader,
  validateSIWxMessage,
  verifySIWxSignature,
} from '@x402/extensions/sign-in-with-x'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countingAccount, failure, HELLO, startGateway } from '../support/harness'
import {
  fieldOf,
  lifetimeOf,
  signInClient,
  signInOffer,
  startOfferingServer,
  startOfficialServer,
} from '../support/siwx'

const STRICT: SiwxOptions = { nonce: 'server', expiry: 'required', replay: 'reject' }

/** A fetch that keeps each SIGN-IN-WITH-X it sends. */
function keepProofs() {
  const proofs: string[] = []
  const customFetch: typeof fetch = (input, init) => {
    const proof = new Headers(init?.headers).get('sign-in-with-x')
    if (proof) proofs.push(proof)
    return fetch(input, init)
  }
  return { proofs, customFetch }
}

describe("ARouter's sign-in", () => {
  test('ends five minutes after its issue, and names the configured gateway only', async () => {
    const gateway = await startGateway({ siwx: { expiry: 'required' } })
    const { client, messages, account } = signInClient(gateway.url)
    await client.chatCompletion(HELLO)
    const { host } = new URL(gateway.url)
    expect(messages).toHaveLength(1)
    const [message = ''] = messages
    expect(lifetimeOf(message)).toBe(300_000)
    expect(message.split('\n').slice(0, 7)).toEqual([
      `${host} wants you to sign in with your Ethereum account:`,
      account.address,
      '',
      'Sign in to ARouter with your wallet',
      '',
      `URI: https://${host}/v1/x402/auth`,
      'Version: 1',
    ])
    expect(gateway.state.counts()).toMatchObject({ signIns: 1, payments: 1 })
  })

  test('of a Solana wallet ends five minutes after its issue too', async () => {
    const gateway = await startGateway({ siwx: { expiry: 'required' } })
    const client = withX402SolanaPayment(
      new ARouter({ baseURL: gateway.url }),
      Keypair.generate(),
      undefined,
      { store: memoryStore() },
    )
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts()).toMatchObject({ signIns: 1, payments: 1 })
  })

  test('takes the nonce that a refusal offers', async () => {
    const gateway = await startGateway({ siwx: STRICT })
    const { account } = countingAccount()
    const { jwt } = await authenticateWithSIWx(gateway.url, account)
    expect(jwt.split('.')).toHaveLength(3)
    expect(gateway.state.counts().signIns).toBe(1)
  })

  test('takes the nonce that an earlier 402 offered, once', async () => {
    const offers: string[] = []
    const gateway = await startOfferingServer((url) => {
      const one = signInOffer(url)
      offers.push(one.info.nonce)
      return one
    }, 'admits')
    const store = { ...memoryStore(), durable: true }
    const { client, messages } = signInClient(gateway.url, { store })
    await client.chatCompletion(HELLO) // 402, paid: a wallet without a trace is not asked to sign in
    expect(messages).toEqual([])
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ statusCode: 401 })
    const nonces = messages.map((message) => fieldOf(message, 'Nonce'))
    expect(nonces).toEqual([offers[0], expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(offers).not.toContain(nonces[1])
  })

  test('whose message would have another line is refused before anything is signed', async () => {
    const gateway = await startGateway()
    const { account, signed } = countingAccount()
    for (const statement of ['a\nURI: https://evil.example', 'a\u2028b', 'grüß', '\t', '']) {
      expect(
        await failure(authenticateWithSIWx(gateway.url, account, { statement })),
      ).toMatchObject({ code: 'invalid_option', fundsMoved: 'no' })
    }
    expect(signed.messages).toBe(0)
    expect(gateway.state.requests).toEqual([])
  })

  test('replayed to another gateway is refused there', async () => {
    const one = await startGateway()
    const other = await startGateway()
    const { proofs, customFetch } = keepProofs()
    const { account } = countingAccount()
    await withSIWxAuth(new ARouter({ baseURL: one.url, customFetch }), account, {
      store: memoryStore(),
    })
    const again = await fetch(`${other.url}/v1/x402/auth`, {
      method: 'POST',
      headers: { 'sign-in-with-x': proofs[0] ?? '' },
    })
    expect(again.status).toBe(401)
    expect(await again.json()).toMatchObject({
      error: { message: 'the sign-in is for another domain' },
    })
  })
})

test('a token is for one wallet at one origin, however many share a store', async () => {
  const [one, other] = [await startGateway(), await startGateway()]
  const store = memoryStore()
  const [first, second] = [countingAccount(), countingAccount()]
  for (const { account } of [first, second]) {
    for (const { url } of [one, other]) {
      await withX402EvmPayment(new ARouter({ baseURL: url }), account, { store }).chatCompletion(
        HELLO,
      )
    }
  }
  expect([first.signed, second.signed]).toEqual([
    { messages: 2, transfers: 2 },
    { messages: 2, transfers: 2 },
  ])
  const tokens = (gateway: typeof one) =>
    new Set(gateway.state.requests.flatMap(({ credentials }) => credentials.authorization ?? []))
  expect([...tokens(one)].filter((token) => tokens(other).has(token))).toEqual([])
  for (const gateway of [one, other]) {
    expect(gateway.state.signIns.map(({ address }) => address)).toEqual([
      first.account.address,
      second.account.address,
    ])
    expect(gateway.state.requests.filter(({ status }) => status === 401)).toEqual([])
  }
})

describe('the x402 extension sign-in-with-x', () => {
  const EXTENSION = {
    signIn: 'off',
    receipt: 'no-jwt',
    siwx: { ...STRICT, extension: 'on' },
  } as const

  test('spends credit at a gateway without tokens: one payment, then proofs', async () => {
    const gateway = await startGateway(EXTENSION)
    const { client, signed, messages } = signInClient(gateway.url)
    for (let calls = 0; calls < 3; calls++) await client.chatCompletion(HELLO)
    expect(gateway.state.counts().payments).toBe(1)
    expect(signed.transfers).toBe(1)
    expect(new Set(messages.map((message) => fieldOf(message, 'Nonce'))).size).toBe(messages.length)
    expect(gateway.state.signIns.every(({ by }) => by === 'request')).toBe(true)
  })

  test('is signed by a Solana wallet too', async () => {
    const gateway = await startGateway(EXTENSION)
    const client = withX402SolanaPayment(
      new ARouter({ baseURL: gateway.url }),
      Keypair.generate(),
      undefined,
      { store: memoryStore() },
    )
    await client.chatCompletion(HELLO)
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts().payments).toBe(1)
  })

  test.each(['evm', 'solana'] as const)(
    'the official verifier takes the proof of a wallet: %s',
    async (kind) => {
      const gateway = await startGateway(EXTENSION)
      const { proofs, customFetch } = keepProofs()
      const base = new ARouter({ baseURL: gateway.url, customFetch })
      const options = { store: memoryStore() }
      const { account } = countingAccount()
      const keypair = Keypair.generate()
      const client =
        kind === 'evm'
          ? withX402EvmPayment(base, account, options)
          : withX402SolanaPayment(base, keypair, undefined, options)
      await client.chatCompletion(HELLO)
      const payload = parseSIWxHeader(proofs.at(-1) ?? '')
      expect(await validateSIWxMessage(payload, new URL(gateway.url))).toEqual({ isValid: true })
      expect(await verifySIWxSignature(payload)).toEqual({
        isValid: true,
        payer: kind === 'evm' ? account.address : keypair.publicKey.toBase58(),
      })
    },
  )

  test('the official server grants access for it, once for each nonce', async () => {
    const server = await startOfficialServer()
    const { client, signed } = signInClient(server.url)
    for (let calls = 0; calls < 3; calls++) await client.chatCompletion(HELLO)
    expect(signed.transfers).toBe(1)
    expect(server.events.map(({ type }) => type)).toEqual(['access_granted', 'access_granted'])
  })

  test('is not answered by a client that never signs in, nor on a request that has a token', async () => {
    const gateway = await startGateway(EXTENSION)
    const { client, signed } = signInClient(gateway.url, { signIn: 'never' })
    await client.chatCompletion(HELLO)
    expect(signed.messages).toBe(0)

    const both = await startGateway({ siwx: { extension: 'on' }, price: '$1' })
    const { client: other, signed: asked } = signInClient(both.url)
    await other.chatCompletion(HELLO)
    await other.chatCompletion(HELLO)
    expect(asked).toEqual({ messages: 1, transfers: 2 })
    expect(both.state.signIns.map(({ by }) => by)).toEqual(['endpoint'])
  })

  test('a proof is on one request: a retry has one of its own, and a payment none', async () => {
    const gateway = await startGateway(EXTENSION)
    const seen: Headers[] = []
    let cut = 0
    const customFetch: typeof fetch = async (input, init) => {
      const headers = new Headers(init?.headers)
      seen.push(headers)
      const response = await fetch(input, init)
      // The answer to the second call's proof is lost.
      if (headers.has('sign-in-with-x') && response.ok && cut++ === 0) throw new TypeError('cut')
      return response
    }
    const { account, signed } = countingAccount()
    const client = withX402EvmPayment(new ARouter({ baseURL: gateway.url, customFetch }), account, {
      store: memoryStore(),
    })
    await client.chatCompletion(HELLO)
    await client.chatCompletion(HELLO)
    expect(cut).toBe(2)
    expect(signed.transfers).toBe(1)
    expect(seen.some((one) => one.has('sign-in-with-x') && one.has('payment-signature'))).toBe(
      false,
    )
  })
})

describe('a 402 that offers a sign-in', () => {
  const evil = 'https://evil.example'

  test.each([
    ['for another domain', { domain: 'evil.example' }],
    ['for a URI elsewhere', { uri: `${evil}/v1/chat/completions` }],
    ['for no URI', { uri: undefined }],
    ['with a nonce that has a line break', { nonce: 'aaaaaaaa\nURI: x' }],
    ['with a nonce of no text', { nonce: 12345678 }],
    ['with a short nonce', { nonce: 'abc' }],
  ])('%s is a typed error, and nothing is signed', async (_, changes) => {
    for (const endpoint of ['absent', 'offers'] as const) {
      const server = await startOfferingServer((url) => signInOffer(url, changes), endpoint)
      const { client, signed } = signInClient(server.url)
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
        code: 'sign_in_refused',
        fundsMoved: 'no',
      })
      // A sign-in of our own words goes to the endpoint before anything is offered.
      expect(signed).toEqual({ messages: 1, transfers: 0 })
    }
  })

  test('chooses a nonce and nothing else, whatever it holds', async () => {
    let info: Record<string, unknown> = {}
    const server = await startOfferingServer((url) => signInOffer(url, info))
    const { host } = new URL(server.url)
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'I agree',
        'a\nResources:\n- urn:recap:x',
        evil,
        '2026',
        '9999-12-31T23:59:59Z',
      ),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.anything(),
    )
    const hostile = fc.record(
      {
        statement: text,
        resources: fc.oneof(text, fc.array(text)),
        requestId: text,
        notBefore: text,
        issuedAt: text,
        expirationTime: text,
        version: text,
        address: text,
        chainId: text,
        type: text,
      },
      { requiredKeys: [] },
    )
    const jsonSafe = hostile.filter((value) => {
      try {
        return (
          JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? 0 : each)).length < 9_000
        )
      } catch {
        return false
      }
    })
    await fc.assert(
      fc.asyncProperty(jsonSafe, async (changes) => {
        info = JSON.parse(
          JSON.stringify(changes, (_, each) => (typeof each === 'bigint' ? 0 : each)),
        )
        const { client, messages, account } = signInClient(server.url)
        await client.chatCompletion(HELLO)
        const offered = messages[1] ?? ''
        const issuedAt = fieldOf(offered, 'Issued At') ?? ''
        expect(Math.abs(Date.parse(issuedAt) - Date.now())).toBeLessThan(330_000)
        expect(lifetimeOf(offered)).toBeLessThanOrEqual(300_000)
        expect(offered).toBe(
          [
            `${host} wants you to sign in with your Ethereum account:`,
            account.address,
            '',
            'Sign in to ARouter with your wallet',
            '',
            `URI: ${server.url}/v1/chat/completions`,
            'Version: 1',
            'Chain ID: 8453',
            `Nonce: ${fieldOf(offered, 'Nonce')}`,
            `Issued At: ${issuedAt}`,
            `Expiration Time: ${fieldOf(offered, 'Expiration Time')}`,
          ].join('\n'),
        )
      }),
      { numRuns: 60 },
    )
  })

  test('on another chain is let be, and paid', async () => {
    const server = await startOfferingServer((url) => ({
      ...signInOffer(url),
      supportedChains: [{ chainId: 'eip155:1', type: 'eip191' }, { chainId: 7 }, 'x', null],
    }))
    const { client, signed } = signInClient(server.url)
    await client.chatCompletion(HELLO)
    expect(signed).toEqual({ messages: 1, transfers: 1 })
  })

  test.each([
    ['nothing', null],
    ['text', 'x'],
    ['a list', [1]],
  ])('that is %s is let be, and paid', async (_, offered) => {
    const server = await startOfferingServer(() => offered)
    const { client, signed } = signInClient(server.url)
    await client.chatCompletion(HELLO)
    expect(signed.transfers).toBe(1)
  })
})
