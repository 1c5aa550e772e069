import { describe, expect, test } from 'vitest'
import { PaidButFailedError } from '../../packages/sdk/src/errors'
import type { Json, Store } from '../../packages/sdk/src/store/Store'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { tokenWith } from '../simulation/terms'
import { ORIGIN } from '../simulation/World'
import { START } from '../support/virtualRuntime'
import {
  DOLLAR,
  earlier,
  failure,
  PAYER,
  refusing,
  type SceneOptions,
  STORE_KEYS,
  scene,
  TOKEN,
} from './scene'

const NEW = tokenWith({ sub: PAYER, n: 2 })
const lost = () => Promise.reject(new TypeError('fetch failed'))

describe('calls that meet a 402 at once', () => {
  test('make one payment, and all are answered', async () => {
    const { call, run, asked, sent } = scene()
    const answers = await run(Promise.all(Array.from({ length: 50 }, () => call())))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(asked.payments).toBe(1)
    expect(sent().times).toBe(1)
  })

  const { wallet } = scene()
  const declining = (error: unknown): SceneOptions => ({
    wallets: [{ ...wallet, prepare: () => Promise.reject(error) }],
  })
  const withoutBudget = (inner: Store): Store => ({
    ...inner,
    update: (key, change) =>
      key === STORE_KEYS.budget
        ? Promise.reject(new Error('disk full'))
        : inner.update(key, change),
  })
  const damagedPin = (inner: Store): Store => ({
    ...inner,
    get: async (key) => (key.startsWith('pin/') ? 5 : inner.get(key)),
  })
  const pinnedMeanwhile = (inner: Store): Store => ({
    ...inner,
    update: (key, change) =>
      inner.update(key, key.startsWith('pin/') ? (now) => now ?? ORIGIN : change),
  })

  test.each<[code: string, paid: () => Response | Promise<Response>, SceneOptions]>([
    ['payment_unconfirmed', lost, {}],
    ['payment_rejected', () => refusing('insufficient_funds'), {}],
    ['budget_exceeded', lost, { budget: { limit: 1n } }],
    ['approval_denied', lost, { approve: () => false }],
    ['pay_to_changed', lost, { around: pinnedMeanwhile }],
    ['wallet_rejected', lost, declining({ code: 4001 })],
    ['wallet_failed', lost, declining(new Error('unplugged'))],
    ['store_failed', lost, { around: withoutBudget }],
    ['store_unreadable', lost, { around: damagedPin }],
  ])(
    'are all told of %s by errors of their own, at the cost of one',
    async (code, paid, options) => {
      const costOf = async (calls: number) => {
        let cost = 0
        const { around = (store) => store } = options
        const { call, run, gateway, seen } = scene({
          ...options,
          around: (inner) =>
            around({
              ...inner,
              get: (key) => {
                if (key.startsWith('pin/')) cost++
                return inner.get(key)
              },
              update: (key, change) => {
                if (!key.startsWith('session/')) cost++
                return inner.update(key, change)
              },
            }),
        })
        gateway.paid = paid
        const errors = await run(Promise.all(Array.from({ length: calls }, () => failure(call()))))
        for (const error of errors) expect(error).toMatchObject({ code })
        expect(new Set(errors).size).toBe(calls)
        expect(seen.filter(({ path, payment }) => path === '/call' && !payment)).toHaveLength(calls)
        return cost + seen.filter(({ payment }) => payment).length
      }
      expect(await costOf(5)).toBe(await costOf(1))
    },
  )

  test('ask for credit again where a payment was met since their token was refused', async () => {
    const { call, run, served, gateway, store, seen, sent } = scene()
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    let refuse = (_: Response) => {}
    const late = new Promise<Response>((resolve) => {
      refuse = resolve
    })
    gateway.bare = ({ path, token }) => {
      if (path === '/late' && seen.filter((each) => each.path === path).length === 1) return late
      return token === NEW ? new Response('{}') : paymentRequired()
    }
    const second = call('/late')
    expect(await served()).toBe(200)
    await store.update(STORE_KEYS.session, () => undefined)
    let signIns = 0
    gateway.auth = () => (signIns++ < 3 ? lost() : Response.json({ jwt: NEW }))
    refuse(paymentRequired())
    expect((await run(second)).status).toBe(200)
    expect(seen.some(({ path, token }) => path === '/late' && !token)).toBe(true)
    expect(sent().times).toBe(1)
  })

  test('go on with their own where the first one leaves', async () => {
    const caller = new AbortController()
    const { call, run, gateway, sent } = scene()
    let times = 0
    gateway.paid = () => {
      if (++times > 1) return paidAnswer(TOKEN)
      caller.abort()
      return lost()
    }
    const first = failure(call('/call', { signal: caller.signal }))
    const others = Promise.all([call(), call()])
    expect(await run(first)).toMatchObject({ code: 'aborted' })
    expect((await run(others)).map(({ status }) => status)).toEqual([200, 200])
    expect(sent().different).toBe(1)
  })

  test('may leave while they wait', async () => {
    const caller = new AbortController()
    const { call, run, gateway } = scene()
    let answer = (_: Response) => {}
    gateway.paid = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    const first = call()
    const second = failure(call('/call', { signal: caller.signal }))
    await run(Promise.resolve())
    caller.abort()
    expect(await run(second)).toMatchObject({ code: 'aborted', fundsMoved: 'no' })
    answer(paidAnswer(TOKEN))
    expect((await run(first)).status).toBe(200)
  })

  test('use what was paid for, though the one who paid got no answer', async () => {
    const { call, run, gateway, asked, events } = scene()
    gateway.paid = () => paidAnswerOf(500)
    gateway.bare = ({ token, path }) => {
      if (!token) return paymentRequired()
      return path === '/first' ? new Response(null, { status: 500 }) : new Response('{}')
    }
    const first = failure(call('/first'))
    const others = Promise.all([call(), call()])
    expect(await run(first)).toMatchObject({ code: 'paid_but_failed' })
    expect((await run(others)).map(({ status }) => status)).toEqual([200, 200])
    expect(asked.payments).toBe(1)
    // They need not recover it again.
    expect(events.filter(({ type }) => type === 'payment-settled')).toHaveLength(1)
  })

  test('and find nothing in what was paid for say so', async () => {
    const { call, run, gateway, asked } = scene()
    gateway.paid = () => paidAnswerOf(500)
    gateway.bare = () => paymentRequired()
    const errors = await run(Promise.all([1, 2, 3].map(() => failure(call()))))
    for (const error of errors) expect(error).toMatchObject({ code: 'paid_but_failed' })
    expect(errors[0]).not.toBe(errors[1])
    expect(asked.payments).toBe(1)
  })
})

describe('a 402', () => {
  test('to an old token is asked again with the newest one', async () => {
    const { call, run, gateway, store, seen, asked } = scene()
    gateway.bare = ({ token }) => (token === NEW ? new Response('{}') : paymentRequired())
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    let isRenewed = false
    const bare = gateway.bare
    gateway.bare = async (seenNow) => {
      const answer = await bare(seenNow)
      if (!isRenewed) await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: NEW, exp: null }))
      isRenewed = true
      return answer
    }
    expect((await run(call())).status).toBe(200)
    expect(seen.map(({ token }) => token)).toEqual([TOKEN, NEW])
    expect(asked.payments).toBe(0)
  })

  test('without terms is the caller’s, unread or not', async () => {
    const { call, run, gateway, asked } = scene()
    gateway.bare = () => new Response('{"error":"no credit"}', { status: 402 })
    const answer = await run(call())
    expect(answer.status).toBe(402)
    expect(await answer.text()).toBe('{"error":"no credit"}')
    expect(asked.payments).toBe(0)
  })

  test('without terms still has an open payment recovered', async () => {
    const { served, gateway, put } = scene()
    gateway.bare = () => new Response(null, { status: 402 })
    gateway.paid = () => paidAnswer(TOKEN)
    await put(earlier())
    expect(await served()).toBe(200)
  })

  test('with its terms in the body, of x402 version 1, is paid by X-PAYMENT', async () => {
    const { call, run, gateway, seen } = scene()
    gateway.bare = () =>
      new Response(
        JSON.stringify({
          x402Version: 1,
          accepts: [
            {
              scheme: 'exact',
              network: 'base',
              maxAmountRequired: '1000000',
              asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
              payTo: '0x00000000000000000000000000000000000000aa',
              maxTimeoutSeconds: 60,
              resource: `${ORIGIN}/call`,
              extra: { name: 'USD Coin', version: '2' },
            },
          ],
        }),
        { status: 402 },
      )
    expect((await run(call())).status).toBe(200)
    const header = JSON.parse(atob(seen.at(-1)?.payment ?? ''))
    expect(header).toEqual({
      x402Version: 1,
      scheme: 'exact',
      network: 'base',
      payload: { nonce: 1 },
    })
  })

  test('of version 2 has the offer sent back as it was, with its resource', async () => {
    const { served, seen } = scene()
    await served()
    const header = JSON.parse(atob(seen.at(-1)?.payment ?? ''))
    expect(header).toMatchObject({
      x402Version: 2,
      resource: { url: `${ORIGIN}/v1/chat/completions` },
      accepted: { amount: '1000000', maxTimeoutSeconds: 60 },
      payload: { nonce: 1 },
    })
  })

  test('to a request without token is not paid where credit may be left: the wallet signs in first', async () => {
    const { served, call, run, gateway, asked, store, restart, payments } = scene()
    gateway.paid = () => paidAnswer()
    await served()
    await store.update(STORE_KEYS.session, () => undefined)
    gateway.auth = () => new Response(JSON.stringify({ jwt: TOKEN }))
    expect((await run(restart().call())).status).toBe(200)
    expect((await run(call())).status).toBe(200)
    expect(asked.payments).toBe(1)
    expect(await payments()).toMatchObject([{ state: 'settled' }])
  })

  test('where signing in is ruled out is paid without', async () => {
    const { served, gateway, asked, seen } = scene({ signIn: 'never' })
    gateway.bare = () => paymentRequired()
    gateway.paid = () => paidAnswer()
    await served()
    await served()
    expect(asked).toMatchObject({ payments: 2, messages: 0 })
    expect(seen.filter(({ path }) => path.endsWith('auth'))).toEqual([])
  })

  test('that follows a payment by this very call does not make it pay again', async () => {
    for (const [fate, code, moved] of [
      ['dead', 'payment_expired', 'no'],
      ['settled', 'paid_but_failed', 'yes'],
      ['unknown', 'payment_unconfirmed', 'maybe'],
    ] as const) {
      const { failed, gateway, asked } = scene()
      gateway.bare = () => paymentRequired()
      gateway.paid = lost
      asked.fate = fate
      expect(await failed()).toMatchObject({ code, fundsMoved: moved })
      expect(asked.payments).toBe(1)
    }
  })
})

describe('a payment that another process closed while this call was at it', () => {
  const closedAs = async (close: (opened: ReturnType<typeof scene>) => Promise<unknown>) => {
    const opened = scene()
    opened.gateway.bare = () => paymentRequired()
    opened.gateway.paid = async () => {
      await close(opened)
      return lost()
    }
    return { error: await opened.failed(), asked: opened.asked }
  }

  test.each([
    ['settled', 'paid_but_failed', 'yes', 'gave no answer for it'],
    ['dead', 'payment_expired', 'no', 'has expired unused. Funds moved: no.'],
    ['writtenOff', 'payment_expired', 'maybe', 'it was given up, and counts as spent'],
  ] as const)('as %s is not paid again by this call', async (state, code, fundsMoved, told) => {
    const { error, asked } = await closedAs(async ({ store }) => {
      const open = await store.get(STORE_KEYS.need)
      const { id } = open as { id: string }
      await store.update(STORE_KEYS.archive + id, () => ({ ...(open as object), state }))
      await store.update(STORE_KEYS.need, () => undefined)
    })
    expect(error).toMatchObject({ code, fundsMoved, statusCode: 402 })
    expect(error).toMatchObject({ context: { amount: '1000000' } })
    expect(String(error)).toContain(told)
    expect(asked.payments).toBe(1)
  })

  test('and of which the store knows nothing any more is not paid again by this call', async () => {
    const { error, asked } = await closedAs(({ store }) =>
      store.update(STORE_KEYS.need, () => undefined),
    )
    expect(error).toMatchObject({ code: 'paid_but_failed', fundsMoved: 'yes', statusCode: 402 })
    expect(error).toBeInstanceOf(PaidButFailedError)
    expect(String(error)).toContain('This call has paid already. Funds moved: yes. Try again')
    expect(asked.payments).toBe(1)
  })
})

describe('a payment that another process is at', () => {
  const alive = { worker: 'alive', beat: START, lease: 600 }

  test('is waited for, and what it brought is used', async () => {
    const { call, run, put, runtime, store, asked, seen } = scene()
    await put(earlier(alive))
    const answer = call()
    await runtime.advance(550)
    expect(seen.filter(({ payment }) => payment)).toEqual([])
    expect(seen.filter(({ path }) => path === '/call')).toHaveLength(1)
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    await store.update(STORE_KEYS.need, () => undefined)
    expect((await run(answer)).status).toBe(200)
    expect(asked.payments).toBe(0)
  })

  test('and settled is asked for what it bought, ten times a second', async () => {
    const { call, run, put, gateway, runtime, asked, seen } = scene()
    await put(earlier({ ...alive, state: 'settled' }))
    gateway.bare = () => (runtime.now() < START + 300 ? paymentRequired() : new Response('{}'))
    expect((await run(call())).status).toBe(200)
    expect(seen.map(({ at }) => at)).toEqual([0, 0, 100, 200, 300])
    expect(asked.payments).toBe(0)
  })

  test('is taken up where it gives no sign of life for as long as it said', async () => {
    const { served, put, seen } = scene()
    await put(earlier(alive))
    expect(await served()).toBe(200)
    const taken = seen.find(({ payment }) => payment)
    expect(taken).toMatchObject({ payment: 'earlier', at: 600 })
  })

  test.each([
    ['closed', () => undefined],
    ['taken up', (open: object) => ({ ...open, worker: 'quicker', beat: START })],
  ] as const)(
    'and %s at the very moment when it is taken up here is left to it',
    async (_, change) => {
      let isOther = false
      const { served, put, gateway, asked, seen } = scene({
        around: (inner) => ({
          ...inner,
          update: async (key, own) => {
            if (key === STORE_KEYS.need && !isOther) {
              isOther = true
              await inner.update(key, (open) => change(open as object))
              gateway.bare = () => new Response('{}')
            }
            return inner.update(key, own)
          },
        }),
      })
      await put(earlier())
      expect(await served()).toBe(200)
      expect(seen.filter(({ payment }) => payment === 'earlier')).toEqual([])
      expect(asked.payments).toBeLessThanOrEqual(1)
    },
  )

  test('is not waited for by a caller who leaves', async () => {
    const caller = new AbortController()
    const { call, run, put, runtime } = scene()
    await put(earlier(alive))
    const failed = failure(call('/call', { signal: caller.signal }))
    await runtime.advance(150)
    caller.abort()
    expect(await run(failed)).toMatchObject({ code: 'aborted' })
    expect(runtime.now()).toBe(START + 150)
  })
})

describe('the lease of a payment under way', () => {
  test('is renewed while the gateway takes its time, and ended with an error', async () => {
    const { call, run, gateway, runtime, store } = scene()
    let fail = (_: unknown) => {}
    gateway.paid = () =>
      new Promise((_, reject) => {
        fail = reject
      })
    const failed = failure(call())
    const beat = async () => ((await store.get(STORE_KEYS.need)) as { beat: number }).beat
    await runtime.advance(5_000)
    expect(START + 5_000 - (await beat())).toBeLessThan(400)
    gateway.paid = lost
    fail(new TypeError('fetch failed'))
    await run(failed)
    expect(await store.get(STORE_KEYS.need)).toMatchObject({ lease: 0 })
    expect(runtime.pending()).toBe(0)
  })
})

test('a wallet that asks a person is given longer to show a sign of life', async () => {
  const { wallet } = scene()
  for (const [interactive, lease] of [
    [false, 600],
    [true, 3_000],
  ] as const) {
    const leases: unknown[] = []
    const { served, store, gateway } = scene({ wallets: [{ ...wallet, interactive }] })
    gateway.paid = async () => {
      leases.push(((await store.get(STORE_KEYS.need)) as { lease: number }).lease)
      return paidAnswer(TOKEN)
    }
    await served()
    expect(leases).toEqual([lease])
  }
})

test('a bug in a wallet is each caller’s own, and pays nothing', async () => {
  const { wallet } = scene()
  const broken = {
    ...wallet,
    refuse: () => {
      throw new RangeError('bug')
    },
  }
  const { call, run, sent, seen } = scene({ wallets: [broken] })
  const errors = await run(Promise.all([failure(call()), failure(call())]))
  for (const error of errors) expect(error).toBeInstanceOf(RangeError)
  expect(sent().times).toBe(0)
  expect(seen).toHaveLength(2)
})

describe('a limit for each origin', () => {
  test('is kept beside the one for all', async () => {
    const { served, failed, gateway, budget } = scene({ budget: { perOrigin: DOLLAR } })
    gateway.bare = () => paymentRequired()
    gateway.paid = () => paidAnswer()
    await served()
    expect(await failed()).toMatchObject({ code: 'budget_exceeded' })
    expect(await budget()).toMatchObject({
      limit: 20n * DOLLAR,
      spent: DOLLAR,
      here: { limit: DOLLAR, spent: DOLLAR, remaining: 0n },
    })
  })
})

function paidAnswerOf(status: number): Response {
  return new Response(null, { status, headers: paidAnswer(TOKEN).headers })
}

test('a need that another process takes at the last moment is looked at anew', async () => {
  let isTaken = false
  const { served, asked, sent, payments } = scene({
    around: (store) => ({
      ...store,
      update: async (key, change) => {
        if (key === STORE_KEYS.need && !isTaken) {
          isTaken = true
          // It gave up at once, and died before it could say so to the end.
          await store.update(key, () => ({ ...earlier({ state: 'abandoned' }) }) as unknown as Json)
        }
        return store.update(key, change)
      },
    }),
  })
  expect(await served()).toBe(200)
  expect(asked.payments).toBe(1)
  expect(sent().times).toBe(1)
  expect((await payments()).map(({ state }) => state).sort()).toEqual(['abandoned', 'settled'])
})
