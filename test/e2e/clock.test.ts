import {
  ARouter,
  authenticateWithSIWx,
  memoryStore,
  withX402EvmPayment,
  withX402SolanaPayment,
} from '@arouter/sdk'
import { Keypair } from '@solana/web3.js'
import { describe, expect, test } from 'vitest'
import { countingAccount, failure, HELLO, startGateway } from '../support/harness'
import { base64, challenge, jwt, startHostileGateway } from '../support/hostileGateway'
import { fieldOf, lifetimeOf, signInClient } from '../support/siwx'

const HOUR = 3_600
/** Seconds by which this machine's clock is off. */
const OFF = [-24 * HOUR, -HOUR, -61, 0, 61, HOUR, 24 * HOUR]
const STRICT = { expiry: 'required', replay: 'reject' } as const

/** A gateway, chains included, of which this machine's clock is off by so many seconds. */
const startOff = (seconds: number) =>
  startGateway({ clockSkew: -seconds * 1_000, maxTimeoutSeconds: 60, siwx: STRICT })

/** The `validBefore` of each payment sent, in seconds after the gateway's clock. */
function watchedClient(url: string, now: () => number) {
  const validities: number[] = []
  const customFetch: typeof fetch = (input, init) => {
    const header = new Headers(init?.headers).get('payment-signature')
    if (header) {
      const { payload } = JSON.parse(Buffer.from(header, 'base64').toString())
      validities.push(Number(payload.authorization.validBefore) - now())
    }
    return fetch(input, init)
  }
  const { account, signed } = countingAccount()
  const client = withX402EvmPayment(new ARouter({ baseURL: url, customFetch }), account, {
    store: memoryStore(),
    signIn: 'never',
  })
  return { client, signed, validities }
}

describe.each(OFF)('with a clock %i s off', (off) => {
  test('a sign-in takes one correction at most, and a payment none', async () => {
    const gateway = await startOff(off)
    const { client, signed, messages } = signInClient(gateway.url)
    await client.chatCompletion(HELLO)
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
    expect(signed.transfers).toBe(1)
    expect(messages).toHaveLength(Math.abs(off) > 300 ? 2 : 1)
    const issuedAt = Date.parse(fieldOf(messages.at(-1) ?? '', 'Issued At') ?? '') / 1_000
    expect(Math.abs(issuedAt - (Date.now() / 1_000 - off))).toBeLessThan(
      messages.length > 1 ? 30 : 91,
    )
    expect(messages.map(lifetimeOf)).toEqual(messages.map(() => 300_000))
  })

  test('a payment on Base is valid for the time asked, by the clock of the gateway', async () => {
    const gateway = await startOff(off)
    const { client, signed, validities } = watchedClient(
      gateway.url,
      () => Date.now() / 1_000 - off,
    )
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts().payments).toBe(1)
    expect(signed.transfers).toBe(1)
    expect(validities).toHaveLength(1)
    expect(validities[0]).toBeGreaterThan(0)
    expect(validities[0]).toBeLessThanOrEqual(61)
  })

  test('a payment on Solana is taken too, and its wallet signs in', async () => {
    const gateway = await startOff(off)
    const client = withX402SolanaPayment(
      new ARouter({ baseURL: gateway.url }),
      Keypair.generate(),
      undefined,
      { store: memoryStore() },
    )
    await client.chatCompletion(HELLO)
    await client.chatCompletion(HELLO)
    expect(gateway.state.counts()).toMatchObject({ payments: 1, signIns: 1 })
  })
})

describe.each([-48 * HOUR, -26 * HOUR, 26 * HOUR, 365 * 24 * HOUR])(
  'with a clock %i s off',
  (off) => {
    test('nothing is paid, and the error says to set it', async () => {
      const gateway = await startOff(off)
      const { client, signed } = watchedClient(gateway.url, Date.now)
      const direction = off < 0 ? 'behind' : 'ahead of'
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
        code: 'clock_off',
        fundsMoved: 'no',
        message: expect.stringContaining(`${Math.abs(off) / HOUR} h ${direction} the gateway's`),
      })
      expect(signed.transfers).toBe(0)
      expect(await client.payments.list()).toMatchObject([{ state: 'abandoned' }])
      expect((await client.budget.status())[0]).toMatchObject({ reserved: 0n, spent: 0n })
    })

    test('a sign-in fails with that error, whoever asks for it', async () => {
      const gateway = await startOff(off)
      const { client, signed } = signInClient(gateway.url)
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'clock_off' })
      expect(signed).toEqual({ messages: 1, transfers: 0 })
      const { account } = countingAccount()
      expect(await failure(authenticateWithSIWx(gateway.url, account))).toMatchObject({
        code: 'clock_off',
      })
    })
  },
)

describe('a Date that lies', () => {
  /** A gateway whose answers are dated so many seconds from now; a new one for each 402. */
  function startLiar(lies: readonly number[]) {
    let asked = 0
    return startHostileGateway(({ path, payment }, response, url) => {
      const lie = lies[Math.min(asked, lies.length - 1)] ?? 0
      response.setHeader('date', new Date(Date.now() + lie * 1_000).toUTCString())
      if (path.endsWith('/auth')) {
        return void response.end(JSON.stringify({ jwt: jwt({}), tenant_id: 't', key_id: 'k' }))
      }
      if (payment) return void response.end('{"choices":[]}')
      asked++
      response.writeHead(402, { 'payment-required': challenge(url) }).end(base64({}))
    })
  }

  test.each([0, 3_000, 25 * HOUR - 60, -25 * HOUR + 60])(
    'by %i s moves the end of a payment by no more than that',
    async (lie) => {
      const liar = await startLiar([lie])
      const { client, validities } = watchedClient(liar.url, () => Date.now() / 1_000)
      await client.chatCompletion(HELLO)
      expect(validities[0]).toBeLessThanOrEqual(lie + 61)
      expect(validities[0]).toBeGreaterThan(lie - 30)
    },
  )

  test('of more than 25 hours gets nothing signed', async () => {
    for (const lie of [25 * HOUR + 60, -25 * HOUR - 60, 10 ** 9]) {
      const liar = await startLiar([lie])
      const { client, signed } = watchedClient(liar.url, Date.now)
      expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'clock_off' })
      expect(signed.transfers).toBe(0)
    }
  })

  test('that goes back to the truth is followed there: the client works on', async () => {
    const liar = await startLiar([26 * HOUR, 0])
    const { client, signed } = watchedClient(liar.url, Date.now)
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({ code: 'clock_off' })
    await client.chatCompletion(HELLO)
    expect(signed.transfers).toBe(1)
  })

  test('cannot make a live payment pass for an expired one, so that another is made', async () => {
    // The payment is never confirmed, then the Date is a day later.
    let day = 0
    const liar = await startHostileGateway((_, response, url) => {
      response.setHeader('date', new Date(Date.now() + day * 1_000).toUTCString())
      response.writeHead(402, { 'payment-required': challenge(url) }).end('{}')
    })
    const { account, signed } = countingAccount()
    const client = withX402EvmPayment(new ARouter({ baseURL: liar.url, maxRetries: 0 }), account, {
      store: memoryStore(),
      signIn: 'never',
      onUnconfirmed: 'retry-after-expiry',
    })
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      code: 'payment_unconfirmed',
    })
    day = 24 * HOUR
    expect(await failure(client.chatCompletion(HELLO))).toMatchObject({
      code: 'payment_unconfirmed',
    })
    expect(signed.transfers).toBe(1)
  })
})
