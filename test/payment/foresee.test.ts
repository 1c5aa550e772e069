import { describe, expect, test } from 'vitest'
import { paymentRequired } from '../simulation/scriptedClient'
import { ORIGIN } from '../simulation/World'
import {
  DOLLAR,
  failure,
  NETWORK,
  PAY_TO,
  PAYER,
  type SceneOptions,
  STORE_KEYS,
  scene,
  TOKEN,
} from './scene'

const signedIn = () => Response.json({ jwt: TOKEN })

/** A client at a gateway that answers each question after the balance with the next of `balances`. */
function asking(balances: readonly unknown[], options: SceneOptions = {}) {
  const opened = scene(options)
  const left = [...balances]
  opened.gateway.bare = ({ path }) =>
    path === '/api/v1/balance' ? Response.json({ balance: left.shift() }) : paymentRequired()
  const { store, books, run } = opened
  return {
    ...opened,
    hold: () => store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null })),
    credit: () => run(books.credit()),
  }
}

describe('the credit there is', () => {
  test('is told to the unit, by the token at hand', async () => {
    const { credit, hold, asked, seen } = asking([1.999999])
    await hold()
    expect(await credit()).toBe(1_999_999n)
    expect(seen).toMatchObject([{ path: '/api/v1/balance', token: TOKEN }])
    expect(asked.messages).toBe(0)
  })

  test('is asked for by a new token where there is none, or the one there is says nothing', async () => {
    for (const isHeld of [true, false]) {
      const { credit, hold, gateway, asked } = asking(isHeld ? ['much', 2] : [2])
      gateway.auth = signedIn
      if (isHeld) await hold()
      expect(await credit()).toBe(2n * DOLLAR)
      expect(asked).toMatchObject({ messages: 1, payments: 0 })
    }
  })

  test('is none where the gateway does not know the wallet', async () => {
    const { credit, gateway } = asking([])
    gateway.auth = () => new Response(null, { status: 403 })
    expect(await credit()).toBe(0n)
  })

  test.each([
    ['does not say', [undefined], {}],
    ['says what is no amount', [1e300], {}],
    ['would have a person asked', [2], { wallets: [{ ...scene().wallet, interactive: true }] }],
    ['is not to be signed in to', [2], { signIn: 'never' }],
  ] as const)('is not known where the gateway %s', async (_, balances, options) => {
    const { credit, gateway } = asking(balances, options)
    gateway.auth = signedIn
    expect(await credit()).toBeUndefined()
  })

  test('is not known where there is nowhere to sign in', async () => {
    expect(await asking([2]).credit()).toBeUndefined()
  })

  test('is an error where the gateway cannot be reached', async () => {
    const { run, books, gateway } = asking([])
    gateway.auth = () => Promise.reject(new TypeError('fetch failed'))
    expect(await run(failure(books.credit()))).toMatchObject({ code: 'connection_error' })
  })
})

describe('a payment that is foreseen', () => {
  test('is what would be paid; nothing is signed, and nothing that could pay is sent', async () => {
    const { books, run, asked, seen, store } = scene()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    expect(await run(books.dryRun('/call?key=k', { headers: { 'x-api-key': 'k' } }))).toEqual({
      origin: ORIGIN,
      path: '/call',
      network: NETWORK,
      amount: DOLLAR,
      payTo: PAY_TO,
      from: PAYER,
    })
    expect(seen).toEqual([{ path: '/call', token: undefined, payment: undefined, at: 0 }])
    expect(asked).toMatchObject({ payments: 0, messages: 0 })
    expect(await store.list('')).toHaveLength(1)
  })

  test.each([
    ['what is not to be paid for', () => new Response('{}')],
    ['a 402 without terms', () => new Response('{}', { status: 402 })],
  ])('is none for %s', async (_, answer) => {
    const { books, run, gateway } = scene()
    gateway.bare = answer
    expect(await run(books.dryRun())).toBeUndefined()
  })

  test.each([
    [{ budget: { limit: '$0.50' } }, '$0.50'],
    [{ budget: { limit: '$9', perOrigin: '$0.25' } }, '$0.25'],
  ] as const)(
    'is an error where it is more than is left of a budget: %j',
    async (options, left) => {
      const { books, run } = scene(options)
      const error = await run(failure(books.dryRun()))
      expect(error).toMatchObject({ code: 'budget_exceeded', fundsMoved: 'no' })
      expect(String(error)).toContain(left)
    },
  )
})
