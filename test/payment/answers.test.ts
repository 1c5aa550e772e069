import { describe, expect, test } from 'vitest'
import type { Wallet } from '../../packages/sdk/src/wallet'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { tokenWith } from '../simulation/terms'
import { ORIGIN } from '../simulation/World'
import { DOLLAR, NETWORK, PAYER, receipted, refusing, STORE_KEYS, scene, TOKEN } from './scene'

const OTHER = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'

describe('an answer to a payment', () => {
  test('with a receipt settles it, counts it, and its token serves the next call', async () => {
    const { served, payments, budget, sent, seen, events, store } = scene()
    expect(await served()).toBe(200)
    expect(await payments()).toMatchObject([
      { state: 'settled', settledBy: 'receipt', transaction: '0xtx', amount: DOLLAR },
    ])
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
    expect(await served()).toBe(200)
    expect(sent()).toEqual({ different: 1, times: 1 })
    expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: undefined })
    expect(await store.get(STORE_KEYS.need)).toBeUndefined()
    const facts = { origin: ORIGIN, address: PAYER, network: NETWORK, amount: DOLLAR }
    expect(events).toMatchObject([
      { type: 'payment-signed', ...facts },
      { type: 'payment-settled', transaction: '0xtx', ...facts },
      { type: 'payment-closed', state: 'settled', ...facts },
    ])
  })

  test('without a receipt settles it by its being an answer', async () => {
    const { served, gateway, payments, events } = scene()
    gateway.paid = () => new Response('{}')
    expect(await served()).toBe(200)
    const [payment] = await payments()
    expect(payment).toMatchObject({ state: 'settled', settledBy: 'answer' })
    expect(payment).not.toHaveProperty('transaction')
    expect(payment).not.toHaveProperty('reason')
    expect(events).toContainEqual(expect.objectContaining({ transaction: '' }))
  })

  test('frees the need with its end, and not before', async () => {
    const { call, run, store, payments, budget } = scene()
    const answer = await run(call())
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ state: 'settled', served: true })
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
    await run(answer.text())
    expect(await store.get(STORE_KEYS.need)).toBeUndefined()
    expect(await payments()).toHaveLength(1)
  })

  test('that is none is asked for again with the token that was bought', async () => {
    for (const status of [500, 503, 429, 404]) {
      const { served, gateway, payments, sent, seen, store } = scene()
      gateway.paid = () => receipted(status, { jwt: TOKEN })
      expect(await served()).toBe(200)
      expect(sent().times).toBe(1)
      expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: undefined })
      expect(await payments()).toMatchObject([{ state: 'settled', settledBy: 'receipt' }])
      expect(await store.get(STORE_KEYS.need)).toBeUndefined()
      expect(await store.list(STORE_KEYS.archive)).toMatchObject([
        [expect.anything(), { served: true }],
      ])
    }
  })

  test.each([402, 429, 500, 502])(
    'that never comes, but %i, is an error that says the money has moved, and nothing more is paid',
    async (status) => {
      const { failed, gateway, payments, sent, budget } = scene()
      gateway.paid = () => receipted(500, { jwt: TOKEN })
      gateway.bare = ({ token }) =>
        token && status !== 402 ? new Response(null, { status }) : paymentRequired()
      const error = await failed()
      expect(error).toMatchObject({
        code: 'paid_but_failed',
        fundsMoved: 'yes',
        statusCode: status,
        context: { amount: '1000000', state: 'settled', transaction: '0xtx' },
      })
      expect(String(error)).toContain(
        `$1.00 was paid and the gateway gave no answer for it (status ${status})`,
      )
      expect(await payments()).toMatchObject([{ state: 'settled' }])
      expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
      expect(sent()).toEqual({ different: 1, times: 1 })
    },
  )

  test('that is lost the second time is such an error too, with its cause', async () => {
    const { failed, gateway } = scene()
    gateway.paid = () => receipted(500, { jwt: TOKEN })
    gateway.bare = ({ token }) =>
      token ? Promise.reject(new TypeError('fetch failed')) : paymentRequired()
    expect(await failed()).toMatchObject({
      code: 'paid_but_failed',
      statusCode: 500,
      cause: { code: 'connection_error' },
    })
  })

  test('that refuses the request itself is the caller’s, and the credit is kept for the next', async () => {
    const { served, gateway, payments, sent, store } = scene()
    gateway.paid = () => receipted(500, { jwt: TOKEN })
    gateway.bare = ({ token, path }) => {
      if (!token) return paymentRequired()
      return new Response('{}', { status: path === '/bad' ? 400 : 200 })
    }
    expect(await served('/bad')).toBe(400)
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ state: 'settled', served: false })
    expect(await served('/call')).toBe(200)
    expect(sent().times).toBe(1)
    expect(await payments()).toMatchObject([{ state: 'settled' }])
  })

  test.each(['insufficient_funds', 'invalid_exact_evm_payload_signature'])(
    'that refuses the payment (%s) is told with its reason, and the money stays counted',
    async (reason) => {
      const { failed, gateway, payments, budget, events, sent } = scene()
      gateway.paid = () => refusing(reason)
      const error = await failed()
      expect(error).toMatchObject({ code: 'payment_rejected', fundsMoved: 'maybe' })
      expect(sent().times).toBe(1)
      expect(String(error)).toContain(`refused a payment of $1.00: ${reason}. Funds moved: maybe`)
      expect((error as { context?: object }).context).toMatchObject({ reason, state: 'refused' })
      expect(await payments()).toMatchObject([{ state: 'refused', reason }])
      expect(await budget()).toMatchObject({ reserved: DOLLAR, spent: 0n })
      expect(events).toContainEqual(expect.objectContaining({ type: 'payment-refused', reason }))
    },
  )

  test.each([
    ['a lost answer', () => Promise.reject(new TypeError('fetch failed')), 'connection_error'],
    ['502', () => new Response(null, { status: 502 }), 'status 502'],
    ['402 again', () => paymentRequired(), '402 again'],
    ['a used nonce', () => refusing('nonce_already_used'), 'nonce_already_used'],
  ])(
    'that says nothing certain (%s) leaves the payment open and counted',
    async (_, paid, reason) => {
      const { failed, gateway, payments, budget, events, sent } = scene()
      gateway.paid = paid
      expect(await failed()).toMatchObject({ code: 'payment_unconfirmed', fundsMoved: 'maybe' })
      expect(await payments()).toMatchObject([{ state: 'unknown', reason }])
      expect(await budget()).toMatchObject({ reserved: DOLLAR, spent: 0n })
      expect(events).toContainEqual(expect.objectContaining({ type: 'payment-unknown', reason }))
      expect(sent().different).toBe(1)
    },
  )

  test('of the gateway to another wallet’s payment changes the session to the wallet that paid', async () => {
    const { wallet } = scene()
    const other: Wallet = { ...wallet, namespace: 'solana', address: OTHER, networks: {} }
    const { served, gateway, seen, store } = scene({ wallets: [other, wallet] })
    const theirs = tokenWith({ sub: OTHER })
    await store.update(`session/${ORIGIN}/${OTHER}`, () => ({ v: 1, jwt: theirs, exp: null }))
    gateway.bare = ({ token }) => (token === TOKEN ? new Response('{}') : paymentRequired())
    expect(await served()).toBe(200)
    expect(seen.find(({ payment }) => payment)).toMatchObject({ token: undefined })
    expect(await served()).toBe(200)
    expect(seen.at(-1)).toMatchObject({ token: TOKEN })
  })

  test('keeps the token on the request that pays, where it is the same wallet’s', async () => {
    const { served, gateway, seen, store } = scene()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    gateway.bare = () => paymentRequired()
    expect(await served()).toBe(200)
    expect(seen.at(-1)).toMatchObject({ token: TOKEN, payment: expect.any(String) })
  })

  test('that is none is not followed up for a caller who leaves', async () => {
    const caller = new AbortController()
    const { failed, gateway } = scene()
    gateway.paid = () => receipted(500)
    gateway.auth = () => {
      caller.abort()
      return new Promise(() => {})
    }
    const error = await failed('/call', { signal: caller.signal })
    expect(error).toMatchObject({ code: 'aborted', fundsMoved: 'maybe' })
  })

  test('that comes though the store fails is the caller’s; the payment stays open', async () => {
    for (const downAt of ['settle', 'close'] as const) {
      let isDown = false
      const { call, run, gateway, events, store } = scene({
        around: (inner) => ({
          ...inner,
          update: (key, change) =>
            isDown ? Promise.reject(new Error('disk full')) : inner.update(key, change),
        }),
      })
      gateway.paid = () => {
        isDown = downAt === 'settle'
        return paidAnswer()
      }
      const answer = await run(call())
      isDown = true
      expect(await run(answer.text())).toBe('{}')
      const reason = 'store_failed'
      expect(events).toContainEqual(expect.objectContaining({ type: 'payment-unbooked', reason }))
      const state = downAt === 'settle' ? 'signed' : 'settled'
      expect(await store.get(STORE_KEYS.need)).toMatchObject({ state })
    }
  })

  test('that is none while the store fails is an error that says the money may have moved', async () => {
    let isDown = false
    const { failed, gateway, sent } = scene({
      around: (inner) => ({
        ...inner,
        update: (key, change) =>
          isDown ? Promise.reject(new Error('disk full')) : inner.update(key, change),
      }),
    })
    gateway.paid = () => {
      isDown = true
      return receipted(500)
    }
    expect(await failed()).toMatchObject({ code: 'store_failed', fundsMoved: 'maybe' })
    expect(sent().times).toBe(1)
  })
})
