import { describe, expect, test } from 'vitest'
import type { Attempt } from '../../packages/sdk/src/payment/Attempt'
import { createBudget } from '../../packages/sdk/src/payment/budget'
import { createJournal, LEASE_MS } from '../../packages/sdk/src/payment/journal'
import { calmLeft } from '../../packages/sdk/src/session/calm'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import type { Json, Store } from '../../packages/sdk/src/store/Store'
import { START, virtualRuntime } from '../support/virtualRuntime'
import {
  isPaid,
  paidAnswer,
  paymentRequired,
  scriptedClient,
  scriptedWallet,
  tokenOf,
} from './scriptedClient'
import { tokenWith } from './terms'
import { EVM, ORIGIN } from './World'

const { network: NETWORK, payTo: PAY_TO, address: PAYER, keys: STORE_KEYS } = EVM

const TOKEN = tokenWith({ sub: PAYER })
const noSignIn = () => new Response(null, { status: 404 })
const isAuth = (url: unknown) => String(url).endsWith('/v1/x402/auth')

const attempt = (change: Partial<Attempt>): Attempt => ({
  v: 1,
  id: 'earlier',
  state: 'settled',
  origin: ORIGIN,
  from: PAYER,
  network: NETWORK,
  amount: '1000000',
  payTo: PAY_TO,
  createdAt: START - 3_600_000,
  changedAt: START - 3_600_000,
  worker: 'gone',
  beat: 0,
  lease: 0,
  ...change,
})

async function put(store: Store, key: string, value: Attempt): Promise<void> {
  await store.update(key, () => ({ ...value }) as unknown as Json) // an Attempt is JSON by its type
}

type Answer = (url: unknown, init?: RequestInit) => Response | Promise<Response>

function setUp(answer: Answer) {
  const runtime = virtualRuntime({ fetch: async (url, init) => answer(url, init) })
  const store = { ...memoryStore(), durable: true }
  return { runtime, store, ...scriptedWallet() }
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

// What the simulator found, each reduced to the smallest course of events.
describe('found by simulation:', () => {
  test('a bare 402 is not paid where the wallet has bought credit and signing in is refused', async () => {
    const { runtime, store, wallet, asked } = setUp((url) =>
      isAuth(url) ? new Response('{}', { status: 401 }) : paymentRequired(),
    )
    await put(store, `${STORE_KEYS.archive}earlier`, attempt({}))
    const { call } = scriptedClient(runtime, store, wallet)
    const error = await runtime.run(failure(call()))
    expect(error).toMatchObject({ code: 'authentication_error', fundsMoved: 'no' })
    expect(asked.payments).toBe(0)
  })

  test('by a clock a minute ahead, a token that ends in a minute is used and nothing is paid', async () => {
    const late = { date: new Date(START - 61_000).toUTCString() }
    const jwt = tokenWith({ sub: PAYER, exp: (START - 1_000) / 1000 })
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return new Response(JSON.stringify({ jwt }), { headers: late })
      return tokenOf(init) === jwt ? new Response('{}') : paymentRequired()
    })
    await put(store, `${STORE_KEYS.archive}earlier`, attempt({}))
    const { call } = scriptedClient(runtime, store, wallet)
    expect((await runtime.run(call())).status).toBe(200)
    expect(asked).toMatchObject({ payments: 0, messages: 1 })
  })

  test('a 402 that comes after another call has paid is asked again, though the token is the same', async () => {
    let credit = 0
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      if (isPaid(init)) {
        credit += 2
        return paidAnswer(TOKEN)
      }
      const answer = credit > 0 ? new Response('{}') : paymentRequired()
      if (!String(url).endsWith('/slow')) return answer
      return new Promise((resolve) => void runtime.after(5_000, () => resolve(answer)))
    })
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    const { call } = scriptedClient(runtime, store, wallet)
    const slow = call('/slow')
    const paid = await runtime.run(call('/call'))
    expect(await paid.text()).toBe('{}')
    expect((await runtime.run(slow)).status).toBe(200)
    expect(asked.payments).toBe(1)
  })

  test('a payment that died within its call is not called paid', async () => {
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      return isPaid(init) ? new Response(null, { status: 500 }) : paymentRequired()
    })
    asked.fate = 'dead'
    const { call } = scriptedClient(runtime, store, wallet)
    const error = await runtime.run(failure(call()))
    expect(error).toMatchObject({ code: 'payment_expired', fundsMoved: 'no' })
    expect(asked.payments).toBe(1)
  })

  test('a payment that the chain knows and that has been used up is closed as settled', async () => {
    const { runtime, store, wallet, asked } = setUp((url) =>
      isAuth(url) ? noSignIn() : paymentRequired(),
    )
    asked.fate = 'settled'
    const open = attempt({ state: 'unknown', served: true, evidence: { nonce: 'n' }, expiresAt: 1 })
    await put(store, STORE_KEYS.need, open)
    const { call, books } = scriptedClient(runtime, store, wallet, { budget: { limit: 1n } })
    await runtime.run(failure(call()))
    const closed = (await runtime.run(books.payments.list())).find(({ id }) => id === 'earlier')
    expect(closed?.state).toBe('settled')
  })

  test('a payment that another worker took over during its approval is not signed', async () => {
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      return isPaid(init) ? paidAnswer(TOKEN) : paymentRequired()
    })
    const journal = createJournal(store, ORIGIN, PAYER, () => Number.MAX_SAFE_INTEGER)
    let takeOvers = 0
    const { call } = scriptedClient(runtime, store, wallet, {
      approve: async () => {
        const open = await journal.open()
        if (open && takeOvers++ % 3 < 1) await journal.takeOver(open, 'another, clock ahead')
        return true
      },
    })
    const answer = await runtime.run(call())
    expect(answer.status).toBe(200)
    expect(asked.payments).toBe(1)
  })

  test('a call gives up when its payment is taken over a second time', async () => {
    const { runtime, store, wallet, asked } = setUp((url) =>
      isAuth(url) ? noSignIn() : paymentRequired(),
    )
    const journal = createJournal(store, ORIGIN, PAYER, runtime.now)
    const { call } = scriptedClient(runtime, store, wallet, {
      approve: async () => {
        const open = await journal.open()
        if (open) await journal.takeOver(open, 'another')
        return true
      },
    })
    const error = await runtime.run(failure(call()))
    expect(error).toMatchObject({ code: 'attempt_superseded', fundsMoved: 'no' })
    expect(asked.payments).toBe(0)
  })

  test('reconcile leaves a payment alone that a call of its own process is at', async () => {
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      return isPaid(init) ? paidAnswer(TOKEN) : paymentRequired()
    })
    const { call, books } = scriptedClient(runtime, store, wallet, {
      approve: async () => (await books.payments.reconcile()).length === 1,
    })
    expect((await runtime.run(call())).status).toBe(200)
    expect(asked.payments).toBe(1)
  })

  test('nothing is reserved for an attempt that was given up elsewhere, even by a call that then dies', async () => {
    const { runtime, store, wallet } = setUp((url) =>
      isAuth(url) ? noSignIn() : paymentRequired(),
    )
    const elsewhere = createBudget(
      store,
      PAYER,
      { limit: 20_000_000n, window: 86_400_000 },
      runtime.now,
    )
    const stalls: Store = {
      ...store,
      update: async (key, change) => {
        // Between taking the need and reserving, another worker abandons the attempt.
        const open = await store.get(STORE_KEYS.need)
        if (key === STORE_KEYS.budget && open) {
          await put(store, STORE_KEYS.archive + abandoned(open).id, abandoned(open))
          await store.update(STORE_KEYS.need, () => undefined)
          await elsewhere.release(abandoned(open).id)
        }
        return store.update(key, change)
      },
    }
    const { call, books } = scriptedClient(runtime, stalls, wallet)
    expect(await runtime.run(failure(call()))).toMatchObject({ code: 'attempt_superseded' })
    expect((await runtime.run(books.budget.status()))[0]?.reserved).toBe(0n)
  })

  test('a paid answer reaches its caller, and its token is kept, though the store fails to book the payment', async () => {
    let isDown = false
    const { runtime, store, wallet } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      if (!isPaid(init)) return tokenOf(init) ? new Response('{}') : paymentRequired()
      isDown = true
      return paidAnswer(TOKEN)
    })
    const failing: Store = {
      ...store,
      update: async (key, change) => {
        if (isDown && key === STORE_KEYS.need) throw new Error('disk full')
        return store.update(key, change)
      },
    }
    const told: string[] = []
    const { call, books } = scriptedClient(runtime, failing, wallet, {
      events: ({ type }) => told.push(type),
    })
    expect((await runtime.run(call())).status).toBe(200)
    expect(told).toEqual(['payment-signed', 'payment-unbooked'])
    expect((await runtime.run(call())).status).toBe(200)
    expect(await runtime.run(books.payments.list())).toMatchObject([{ state: 'signed' }])
  })

  test('the end of a paid answer reaches its caller though the store fails to free the need', async () => {
    let isDown = false
    const { runtime, store, wallet } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      return isPaid(init) ? paidAnswer(TOKEN) : paymentRequired()
    })
    const failing: Store = {
      ...store,
      update: async (key, change) => {
        if (isDown) throw new Error('disk full')
        return store.update(key, change)
      },
    }
    const told: string[] = []
    const { call, books } = scriptedClient(runtime, failing, wallet, {
      events: ({ type }) => told.push(type),
    })
    const answer = await runtime.run(call())
    isDown = true
    expect(await answer.text()).toBe('{}')
    expect(told).toEqual(['payment-signed', 'payment-settled', 'payment-unbooked'])
    expect(await runtime.run(books.payments.list())).toMatchObject([{ state: 'settled' }])
  })

  test('a lease is not renewed once its work has ended, even by a renewal under way', async () => {
    let answerPaid = (_: Response) => {}
    const { runtime, store, wallet } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      if (!isPaid(init)) return paymentRequired()
      return new Promise((resolve) => {
        answerPaid = resolve
      })
    })
    let finishRenewal = () => {}
    const slow: Store = {
      ...store,
      update: async (key, change) => {
        const isRenewal = key === STORE_KEYS.need && runtime.now() > START
        if (isRenewal && runtime.now() < START + LEASE_MS / 2) {
          await new Promise<void>((resolve) => {
            finishRenewal = resolve
          })
        }
        return store.update(key, change)
      },
    }
    const { call } = scriptedClient(runtime, slow, wallet)
    const answer = call()
    await runtime.advance(LEASE_MS / 3 + 1)
    await runtime.advance(LEASE_MS / 3)
    answerPaid(paidAnswer(TOKEN))
    await runtime.run(answer)
    finishRenewal()
    await runtime.settle()
    expect(runtime.pending()).toBe(0)
  })

  test('an answer that was under way before a payment is not taken for what it bought', async () => {
    const { runtime, store, wallet, asked } = setUp((url, init) => {
      if (isAuth(url)) return noSignIn()
      if (isPaid(init)) return new Response(null, { status: 500 })
      if (!String(url).endsWith('/slow')) return paymentRequired()
      return new Promise((resolve) => void runtime.after(9_000, () => resolve(new Response('{}'))))
    })
    asked.fate = 'settled'
    await store.update(STORE_KEYS.session, () => ({ v: 1, jwt: TOKEN, exp: null }))
    const { call } = scriptedClient(runtime, store, wallet)
    const slow = call('/slow')
    await runtime.run(failure(call()))
    expect((await runtime.run(slow)).status).toBe(200)
    expect(await runtime.run(failure(call()))).toMatchObject({ code: 'paid_but_failed' })
    expect(asked.payments).toBe(1)
  })

  test('attempts that moved no money never push a payment out of the journal', async () => {
    const { store } = setUp(noSignIn)
    const journal = createJournal(store, ORIGIN, PAYER, () => START)
    await journal.close(attempt({ id: 'paid', createdAt: 1 }), {})
    for (let n = 0; n < 600; n++) {
      await journal.close(attempt({ id: `${n}0`, state: 'abandoned', createdAt: n + 2 }), {})
    }
    const kept = await journal.list()
    expect(kept.find(({ id }) => id === 'paid')?.state).toBe('settled')
    expect(kept.length).toBeLessThan(600)
  })

  test('no calm holds for longer than one can, whatever the clock did since', () => {
    expect(calmLeft({ failures: 7, until: START + 60_001 }, START)).toBe(0)
    expect(calmLeft({ failures: 7, until: START + 60_000 }, START)).toBe(60_000)
  })
})

function abandoned(open: Json): Attempt {
  return { ...(open as unknown as Attempt), state: 'abandoned' } // as the journal wrote it
}
