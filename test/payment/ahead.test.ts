import { expect, test } from 'vitest'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { DOLLAR, earlier, type SceneOptions, STORE_KEYS, scene, TOKEN } from './scene'

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })

/** A wallet with a token, at a gateway that says how many dollars are left. */
async function withCredit(balance: () => Response | Promise<Response>, options: SceneOptions = {}) {
  const opened = scene({ topUpBelow: '$2', ...options })
  const { gateway, store, served, runtime, seen } = opened
  await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
  gateway.bare = ({ path, token }) => {
    if (path === '/api/v1/balance') return balance()
    return token ? new Response('{}') : paymentRequired()
  }
  return {
    ...opened,
    /** Calls once, and lets what that sets off come to its end. */
    call: async () => {
      expect(await served()).toBe(200)
      await runtime.advance(5_000)
    },
    asked: () => seen.filter(({ path }) => path === '/api/v1/balance'),
  }
}

test('credit below the mark is topped up once, with a request that carries no token', async () => {
  const { call, seen, asked, payments, budget, store, runtime } = await withCredit(() =>
    json({ balance: 1.999999 }),
  )
  await call()
  expect(asked()).toMatchObject([{ token: TOKEN }, { token: TOKEN }])
  const [, , bare] = seen
  expect(bare).toMatchObject({ token: undefined, payment: undefined })
  expect(bare?.path).toContain('max_tokens=1')
  expect(seen.filter(({ payment }) => payment)).toHaveLength(1)
  expect(await payments()).toMatchObject([{ state: 'settled' }])
  expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
  expect(await store.get(STORE_KEYS.need)).toBeUndefined()
  expect(runtime.pending()).toBe(0)
})

test('credit at the mark is left alone', async () => {
  const { call, asked, seen } = await withCredit(() => json({ balance: 2 }))
  await call()
  expect(asked()).toHaveLength(1)
  expect(seen).toHaveLength(2)
})

test.each([
  ['an error', json({ balance: 0 }, 500), 500],
  ['no number', json({ balance: '0' }), 200],
  ['no JSON', new Response('<html>'), 200],
])('a gateway that answers %s when it is asked for the balance is not paid', async (_, answer) => {
  const { call, asked, sent, events } = await withCredit(() => answer)
  await call()
  expect(asked()).toHaveLength(1)
  expect(sent().times).toBe(0)
  expect(events).toMatchObject([{ type: 'top-up-failed', reason: 'balance_unknown' }])
})

test('a gateway that asks nothing for its cheapest request is not paid', async () => {
  for (const free of [() => new Response('{}'), () => new Response(null, { status: 402 })]) {
    const { call, gateway, sent, events } = await withCredit(() => json({ balance: 0 }))
    const { bare } = gateway
    gateway.bare = (seen) => (seen.path.startsWith('/v1/x402/') ? free() : bare(seen))
    await call()
    expect(sent().times).toBe(0)
    expect(events).toEqual([])
  }
})

test('credit that another process has bought meanwhile is not bought again', async () => {
  let asks = 0
  const { call, sent, payments, asked, budget, events } = await withCredit(() =>
    json({ balance: ++asks === 1 ? 0 : 5 }),
  )
  await call()
  expect(asked()).toHaveLength(2)
  expect(sent().times).toBe(0)
  expect(await payments()).toMatchObject([{ state: 'abandoned', reason: 'met by another payment' }])
  expect(events).toMatchObject([{ type: 'payment-closed', state: 'abandoned' }])
  expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
})

test('a top-up that the budget does not allow is told, and nothing is signed', async () => {
  const {
    call,
    asked: _,
    events,
    sent,
  } = await withCredit(() => json({ balance: 0 }), {
    budget: { limit: 1n },
  })
  await call()
  expect(sent().times).toBe(0)
  expect(events.at(-1)).toMatchObject({ type: 'top-up-failed', reason: 'budget_exceeded' })
})

test('a token that another process has dropped has no balance', async () => {
  const { call, asked, store, gateway } = await withCredit(() => json({ balance: 0 }))
  const { bare } = gateway
  gateway.bare = async (seen) => {
    await store.update(STORE_KEYS.session, () => undefined)
    return bare(seen)
  }
  await call()
  expect(asked()).toEqual([])
})

test('nobody looks at the credit while a payment is under way', async () => {
  const { gateway, runtime, served, seen, asked } = await withCredit(() => json({ balance: 0 }))
  let pay = (_: Response) => {}
  gateway.paid = () =>
    new Promise((resolve) => {
      pay = resolve
    })
  const { bare } = gateway
  gateway.bare = (each) => (each.path === '/paid' ? paymentRequired() : bare(each))
  const paying = served('/paid')
  await runtime.settle()
  expect(seen.at(-1)?.payment).toBeDefined()
  expect(await served('/call')).toBe(200)
  expect(asked()).toEqual([])
  pay(paidAnswer(TOKEN))
  expect(await paying).toBe(200)
})

test('of two clients that look at once, one that finds a payment under way leaves it at that', async () => {
  const answers: ((answer: Response) => void)[] = []
  const { call, served, gateway, runtime, sent, seen } = await withCredit(
    () => new Promise((resolve) => answers.push(resolve)),
  )
  await call()
  let pay = (_: Response) => {}
  gateway.paid = () =>
    new Promise((resolve) => {
      pay = resolve
    })
  const { bare } = gateway
  gateway.bare = (each) => (each.path === '/paid' ? paymentRequired() : bare(each))
  const paying = served('/paid')
  await runtime.settle()
  answers[0]?.(json({ balance: 0 }))
  await runtime.settle()
  expect(seen.filter(({ path }) => path.startsWith('/v1/x402/'))).toHaveLength(1)
  expect(sent().different).toBe(1)
  pay(paidAnswer(TOKEN))
  expect(await paying).toBe(200)
  expect(sent().different).toBe(1)
})

test('credit that was there before does not pass for what a lost top-up has bought', async () => {
  const { call, gateway, payments, budget } = await withCredit(() => json({ balance: 1 }))
  gateway.paid = () => Promise.reject(new TypeError('fetch failed'))
  await call()
  expect(await payments()).toMatchObject([{ state: 'unknown' }])
  expect(await budget()).toMatchObject({ reserved: DOLLAR, spent: 0n })
})

test('a top-up that the chain took, and that nothing was served for, is told to who asks next', async () => {
  const { put, asked, failed, served, gateway, sent } = scene({ topUpBelow: '$2' })
  expect(await served()).toBe(200)
  asked.fate = 'settled'
  await put(earlier({ ahead: true, expiresAt: 1 }))
  gateway.bare = () => paymentRequired()
  expect(await failed()).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes' })
  expect(sent().different).toBe(1)
})
