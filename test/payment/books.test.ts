import { describe, expect, test } from 'vitest'
import { paidAnswer, paymentRequired } from '../simulation/scriptedClient'
import { ORIGIN } from '../simulation/World'
import { START } from '../support/virtualRuntime'
import { DOLLAR, earlier, failure, NETWORK, PAY_TO, PAYER, STORE_KEYS, scene, TOKEN } from './scene'

const lost = () => Promise.reject(new TypeError('fetch failed'))
const reserved = { v: 1, reserved: { earlier: '1000000' }, spent: {}, released: [], longest: 0 }

async function withOpen(change: Parameters<typeof earlier>[0] = {}) {
  const opened = scene()
  await opened.store.update(STORE_KEYS.budget, () => reserved)
  await opened.put(earlier(change))
  return opened
}

describe('the list of payments', () => {
  test('shows each with what is known of it, the open one first, and no header', async () => {
    const { served, failed, gateway, runtime, payments } = scene()
    await served()
    await runtime.advance(1_000)
    gateway.bare = () => paymentRequired()
    gateway.paid = lost
    await failed()
    const [open, settled] = await payments()
    expect(open).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      origin: ORIGIN,
      address: PAYER,
      network: NETWORK,
      amount: DOLLAR,
      payTo: PAY_TO,
      state: 'unknown',
      createdAt: START + 1_000,
      expiresAt: START / 1_000 + 61,
      evidence: { nonce: 'n' },
      reason: 'connection_error',
    })
    expect(settled).toMatchObject({ state: 'settled', transaction: '0xtx', settledBy: 'receipt' })
    expect(settled).not.toHaveProperty('reason')
  })

  test('is empty before the first', async () => {
    expect(await scene().payments()).toEqual([])
  })
})

test.each([
  { amount: 'x5' },
  { amount: '5x' },
  { amount: '' },
  { evidence: { a: 'x', b: 5 } },
  { evidence: [] },
  { header: { name: 'X-PAYMENT' } },
  { state: 'paid' },
  { expiresAt: '1' },
  { signedAt: '1' },
  { worker: 5 },
  { beat: '1' },
])('an entry that is damaged by %o is not built upon', async (damage) => {
  const { books, run, store, failed, asked } = scene()
  await store.update(STORE_KEYS.need, () => JSON.parse(JSON.stringify({ ...earlier(), ...damage })))
  for (const work of [books.payments.list, books.payments.reconcile]) {
    expect(await run(failure(work()))).toMatchObject({ code: 'store_unreadable' })
  }
  expect(await failed()).toMatchObject({ code: 'store_unreadable', fundsMoved: 'no' })
  expect(asked.payments).toBe(0)
})

describe('reconcile', () => {
  test('closes a payment that the chain will never take, and frees its money', async () => {
    const { books, run, asked, payments, budget } = await withOpen()
    asked.fate = 'dead'
    expect(await budget()).toMatchObject({ reserved: DOLLAR })
    expect(await run(books.payments.reconcile())).toEqual([])
    expect(await payments()).toMatchObject([{ state: 'dead', reason: 'never used, and expired' }])
    expect(await budget()).toMatchObject({ reserved: 0n, spent: 0n })
  })

  test.each([true, undefined])(
    'counts a payment that the chain took as spent, and leaves it open for its credit (served: %s)',
    async (served) => {
      const { books, run, asked, budget, store } = await withOpen(served ? { served } : {})
      asked.fate = 'settled'
      expect(await run(books.payments.reconcile())).toMatchObject([
        { id: 'earlier', state: 'settled', settledBy: 'chain' },
      ])
      expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
      expect(await store.get(STORE_KEYS.need)).toMatchObject({ served: served === true })
    },
  )

  test('leaves what the chain cannot tell as it is', async () => {
    const { books, run, budget } = await withOpen()
    expect(await run(books.payments.reconcile())).toMatchObject([{ state: 'unknown' }])
    expect(await budget()).toMatchObject({ reserved: DOLLAR })
  })

  test('asks no chain without an RPC, nor without evidence', async () => {
    const { evidence: _, ...bare } = earlier()
    for (const [rpc, attempt] of [
      [[], earlier()],
      [['https://rpc.test'], bare],
    ] as const) {
      const { books, run, put, asked } = scene({ rpc: { [NETWORK]: rpc } })
      asked.fate = 'dead'
      await put(attempt)
      expect(await run(books.payments.reconcile())).toMatchObject([{ state: 'unknown' }])
    }
  })

  test.each([
    ['intended', 'abandoned', 0n],
    ['abandoned', 'abandoned', 0n],
    ['dead', 'dead', 0n],
    ['writtenOff', 'writtenOff', DOLLAR],
  ] as const)('carries through what a crash left half done: %s', async (state, ended, spent) => {
    const { books, run, payments, budget, events, asked } = await withOpen({ state })
    asked.fate = 'settled'
    expect(await run(books.payments.reconcile())).toEqual([])
    expect(await payments()).toMatchObject([{ id: 'earlier', state: ended }])
    expect(await budget()).toMatchObject({ reserved: 0n, spent })
    expect(events).toMatchObject([{ type: 'payment-closed', state: ended }])
    if (state === 'intended') {
      expect(await payments()).toMatchObject([{ reason: 'its worker has gone' }])
    }
  })

  test('leaves a payment alone that another process is at', async () => {
    const { books, run, asked, runtime, store, payments } = await withOpen({
      worker: 'alive',
      beat: START,
      lease: 600,
    })
    asked.fate = 'dead'
    const reconciled = books.payments.reconcile()
    await runtime.advance(300)
    await store.update(STORE_KEYS.need, (now) => ({ ...(now as object), beat: START + 300 }))
    await run(reconciled)
    expect(await payments()).toMatchObject([{ state: 'unknown' }])
  })

  test('waits for one that was left a moment ago, and then takes it up', async () => {
    const { books, run, asked, runtime, payments } = await withOpen({
      worker: 'killed',
      beat: START,
      lease: 600,
    })
    asked.fate = 'dead'
    await run(books.payments.reconcile())
    expect(runtime.now()).toBe(START + 600)
    expect(await payments()).toMatchObject([{ state: 'dead' }])
  })

  test('leaves a payment alone that another process takes up at that very moment', async () => {
    let isTaken = false
    const { books, run, asked, put, payments } = scene({
      around: (inner) => ({
        ...inner,
        update: async (key, change) => {
          if (key === STORE_KEYS.need && !isTaken) {
            isTaken = true
            await inner.update(key, (now) => ({
              ...(now as object),
              worker: 'quicker',
              beat: START,
            }))
          }
          return inner.update(key, change)
        },
      }),
    })
    asked.fate = 'dead'
    isTaken = true
    await put(earlier())
    isTaken = false
    await run(books.payments.reconcile())
    expect(await payments()).toMatchObject([{ state: 'unknown' }])
  })
})

describe('writeOff', () => {
  test('gives an open payment up: its money counts as spent, and the next need is paid', async () => {
    const { books, run, served, gateway, payments, budget, events, sent } = await withOpen()
    await run(books.payments.writeOff('earlier'))
    expect(await payments()).toMatchObject([{ state: 'writtenOff', reason: 'written off by hand' }])
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
    expect(events).toMatchObject([{ type: 'payment-closed', state: 'writtenOff' }])
    gateway.paid = () => paidAnswer(TOKEN)
    expect(await served()).toBe(200)
    expect(sent().different).toBe(1)
    expect(await budget()).toMatchObject({ spent: 2n * DOLLAR })
  })

  test('works on one that was intended and never signed', async () => {
    const { books, run, payments } = await withOpen({ state: 'intended' })
    await run(books.payments.writeOff('earlier'))
    expect(await payments()).toMatchObject([{ state: 'writtenOff' }])
  })

  test('knows open payments only', async () => {
    const { books, run, served, payments } = scene()
    await served()
    const [settled] = await payments()
    const id = settled?.id ?? ''
    const error = await run(failure(books.payments.writeOff(id)))
    expect(error).toMatchObject({ code: 'no_such_payment', fundsMoved: 'no', statusCode: 0 })
    expect(String(error)).toContain(`There is no open payment ${id}. Funds moved: no.`)
  })

  test('names one of several wallets’ open payments', async () => {
    const { wallet } = scene()
    const other = { ...wallet, address: '0x00000000000000000000000000000000000000cc' }
    const { books, run, put, store, payments } = scene({ wallets: [wallet, other] })
    await put(earlier())
    const theirs = { ...earlier({ id: 'theirs', from: other.address }) }
    await store.update(`need/${ORIGIN}/${other.address}`, () => JSON.parse(JSON.stringify(theirs)))
    await run(books.payments.writeOff('theirs'))
    const states = (await payments()).map(({ id, state }) => [id, state])
    expect(states).toEqual([
      ['earlier', 'unknown'],
      ['theirs', 'writtenOff'],
    ])
  })

  test('that a crash interrupts stands, whatever the chain says later', async () => {
    let isDown = false
    const { books, run, put, store, asked, payments, budget } = scene({
      around: (inner) => ({
        ...inner,
        update: (key, change) =>
          isDown && key === STORE_KEYS.budget
            ? Promise.reject(new Error('disk full'))
            : inner.update(key, change),
      }),
    })
    await store.update(STORE_KEYS.budget, () => reserved)
    await put(earlier())
    isDown = true
    const error = await run(failure(books.payments.writeOff('earlier')))
    expect(error).toMatchObject({ code: 'store_failed' })
    isDown = false
    asked.fate = 'dead'
    expect(await run(books.payments.reconcile())).toEqual([])
    expect(await payments()).toMatchObject([{ state: 'writtenOff' }])
    expect(await budget()).toMatchObject({ reserved: 0n, spent: DOLLAR })
  })

  test('is undone by nothing the chain says later', async () => {
    const { books, run, asked, payments, budget } = await withOpen()
    await run(books.payments.writeOff('earlier'))
    asked.fate = 'dead'
    await run(books.payments.reconcile())
    expect(await payments()).toMatchObject([{ state: 'writtenOff' }])
    expect(await budget()).toMatchObject({ spent: DOLLAR })
  })
})
