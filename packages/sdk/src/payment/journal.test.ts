import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../../test/support/virtualRuntime'
import { isARouterError } from '../errors'
import { memoryStore } from '../store/memory'
import type { Json } from '../store/Store'
import type { Attempt, AttemptState } from './Attempt'
import { createJournal, LEASE_MS, PATIENT_LEASE_MS } from './journal'

const ORIGIN = 'https://gateway.example'
const FROM = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const NEED = `need/${ORIGIN}/${FROM}`
const SECRET = 'c2lnbmVkLXBheW1lbnQ='
const OPEN: readonly AttemptState[] = ['signed', 'unknown', 'refused', 'settled']

function setUp() {
  const store = memoryStore()
  const runtime = virtualRuntime()
  const journal = createJournal(store, ORIGIN, FROM, runtime.now)
  return { store, runtime, journal }
}

const attempt = (id: string, change: Partial<Attempt> = {}): Attempt => ({
  v: 1,
  id,
  state: 'intended',
  origin: ORIGIN,
  from: FROM,
  network: 'eip155:8453',
  amount: '1000000',
  payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  createdAt: START,
  changedAt: START,
  worker: `worker of ${id}`,
  beat: START,
  lease: LEASE_MS,
  ...change,
})
const header = { name: 'PAYMENT-SIGNATURE', value: SECRET }
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

describe('a need', () => {
  test('is free at first', async () => {
    const { journal } = setUp()
    expect(await journal.open()).toBeUndefined()
    expect(await journal.list()).toEqual([])
    expect(await journal.lastPaid()).toBeUndefined()
  })

  test('is taken by one of all who claim it at once, and each hears by whom', async () => {
    const { journal, store, runtime } = setUp()
    const processes = Array.from({ length: 100 }, () =>
      createJournal(store, ORIGIN, FROM, runtime.now),
    )
    const standing = await Promise.all(
      processes.map((process, index) => process.claim(attempt(`a${index}`))),
    )
    expect(new Set(standing.map(({ id }) => id)).size).toBe(1)
    expect(await journal.open()).toEqual(standing[0])
  })

  test('is of one wallet at one origin', async () => {
    const { journal, store, runtime } = setUp()
    await journal.claim(attempt('a'))
    for (const other of [
      createJournal(store, 'https://other.example', FROM, runtime.now),
      createJournal(store, ORIGIN, 'another wallet', runtime.now),
    ]) {
      expect(await other.open()).toBeUndefined()
      expect(await other.list()).toEqual([])
    }
  })

  test('is free again when its attempt is closed, and not before', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    const signed = await journal.advance(first, ['intended'], { state: 'signed', header })
    expect((await journal.claim(attempt('b'))).id).toBe('a')
    await journal.close(signed, { state: 'dead' })
    expect((await journal.claim(attempt('b'))).id).toBe('b')
  })
})

describe('an attempt', () => {
  test('is its own worker’s', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree(first, 'worker of a')).toBe(true)
    expect(await journal.isFree(first, 'two')).toBe(false)
  })

  test('is free for others once it was watched for a whole lease without a sign of life', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree(first, 'two')).toBe(false)
    await runtime.advance(LEASE_MS - 1)
    expect(await journal.isFree(first, 'two')).toBe(false)
    await runtime.advance(1)
    expect(await journal.isFree(first, 'two')).toBe(true)
  })

  test('is watched anew after each sign of life, whatever that worker’s clock says', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree(first, 'two')).toBe(false)
    await runtime.advance(LEASE_MS - 1)
    const alive = { ...first, beat: first.beat - 50_000 }
    expect(await journal.isFree(alive, 'two')).toBe(false)
    await runtime.advance(LEASE_MS - 1)
    expect(await journal.isFree(alive, 'two')).toBe(false)
    await runtime.advance(1)
    expect(await journal.isFree(alive, 'two')).toBe(true)
  })

  test('is free at once where its worker is done, or its last sign of life is over a minute old', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree({ ...first, lease: 0 }, 'two')).toBe(true)
    expect(await journal.isFree({ ...first, beat: runtime.now() - 60_000 }, 'two')).toBe(false)
    expect(await journal.isFree({ ...first, beat: runtime.now() - 60_001 }, 'two')).toBe(true)
  })

  test('is free at once where the store knows that its worker has gone', async () => {
    const there = new Set<string>()
    const presence = {
      announce: async (worker: string) => void there.add(worker),
      isThere: async (worker: string) => there.has(worker),
    }
    const store = { ...memoryStore(), presence }
    const journal = createJournal(store, ORIGIN, FROM, () => START)
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree(first, 'two')).toBe(false)
    there.clear()
    expect(await journal.isFree(first, 'two')).toBe(true)
    const taken = await journal.takeOver(first, 'two')
    expect(taken && (await journal.isFree(taken, 'three'))).toBe(false)
  })

  test('is watched anew by a clock that has gone back', async () => {
    let now = START
    const journal = createJournal(memoryStore(), ORIGIN, FROM, () => now)
    const first = await journal.claim(attempt('a'))
    expect(await journal.isFree(first, 'two')).toBe(false)
    now = START - 10_000
    expect(await journal.isFree(first, 'two')).toBe(false)
    now += LEASE_MS
    expect(await journal.isFree(first, 'two')).toBe(true)
  })

  test('of a wallet that asks a person is waited for with more patience', async () => {
    const store = memoryStore()
    const journal = createJournal(store, ORIGIN, FROM, () => START, PATIENT_LEASE_MS)
    expect((await journal.claim(attempt('a'))).lease).toBe(PATIENT_LEASE_MS)
  })

  test('is taken over only if it is as it was seen', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await runtime.advance(1)
    await journal.lease(first, 'renewed')
    expect((await journal.takeOver(first, 'two'))?.worker).toBe('worker of a')
    const seen = await journal.open()
    expect(await journal.takeOver(seen ?? first, 'two')).toMatchObject({
      id: 'a',
      worker: 'two',
      beat: runtime.now(),
      lease: LEASE_MS,
    })
  })

  test('is taken over by one of all who try at once', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await runtime.advance(LEASE_MS)
    const workers = Array.from({ length: 50 }, (_, index) => `worker ${index}`)
    const taken = await Promise.all(workers.map((worker) => journal.takeOver(first, worker)))
    expect(taken.filter((standing, index) => standing?.worker === workers[index])).toHaveLength(1)
  })

  test('is not taken over where another has taken its place, or none', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await journal.close(first, { state: 'abandoned' })
    await runtime.advance(LEASE_MS)
    expect(await journal.takeOver(first, 'two')).toBeUndefined()
    await journal.claim(attempt('b'))
    expect((await journal.takeOver(first, 'two'))?.id).toBe('b')
    expect((await journal.open())?.worker).toBe('worker of b')
  })

  test('is not renewed by a worker that has lost it', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await runtime.advance(LEASE_MS)
    const taken = await journal.takeOver(first, 'two')
    await runtime.advance(5)
    await journal.lease(first, 'renewed')
    expect(await journal.open()).toEqual(taken)
  })

  test('is not brought back by a late renewal', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    await journal.close(first, { state: 'abandoned' })
    await journal.lease(first, 'renewed')
    expect(await journal.open()).toBeUndefined()
  })

  test('advances from the states named, with the time it did', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await runtime.advance(7)
    const signed = await journal.advance(first, ['intended'], { state: 'signed', header })
    expect(signed).toEqual({
      ...first,
      state: 'signed',
      header,
      beat: START + 7,
      changedAt: START + 7,
    })
    expect(await journal.open()).toEqual(signed)
  })

  test('keeps what another worker wrote meanwhile', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a', { state: 'signed', header }))
    await journal.advance(first, OPEN, { transaction: '0xabc' })
    expect(await journal.advance(first, OPEN, { state: 'unknown' })).toMatchObject({
      transaction: '0xabc',
      state: 'unknown',
    })
  })

  test.each([
    ['closed', async () => undefined],
    ['closed and followed by another', async () => attempt('b')],
  ])('does not advance once it was %s', async (_, follow) => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    await journal.close(first, { state: 'abandoned' })
    const next = await follow()
    if (next) await journal.claim(next)
    const late = errorOf(journal.advance(first, ['intended'], { state: 'signed', header }))
    expect(isARouterError(await late, 'attempt_superseded')).toBe(true)
    expect(await journal.open()).toEqual(next)
  })

  test('does not advance from a state that is not named', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    const signed = await journal.advance(first, ['intended'], { state: 'signed', header })
    const again = errorOf(journal.advance(first, ['intended'], { state: 'signed' }))
    expect(isARouterError(await again, 'attempt_superseded')).toBe(true)
    expect(await journal.open()).toEqual(signed)
  })

  test('that was superseded says that no funds moved by this call', async () => {
    const { journal } = setUp()
    const late = await errorOf(journal.advance(attempt('a'), ['intended'], {}))
    expect(late).toMatchObject({ fundsMoved: 'no', context: { attempt: 'a' } })
    expect(String(late)).toMatchInlineSnapshot(
      `"ARouterError: Payment a was closed by another process while this one was at it. Funds moved: no, not by this call. Try again."`,
    )
  })
})

describe('a closed attempt', () => {
  test('may be closed again, by anyone, and stays as it was', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a', { state: 'signed', header }))
    await journal.close(first, { state: 'settled', settledBy: 'receipt' })
    const closed = await journal.list()
    await runtime.advance(5)
    await journal.close(first, { state: 'dead' })
    expect(await journal.list()).toEqual(closed)
    expect(closed).toMatchObject([{ id: 'a', state: 'settled', settledBy: 'receipt' }])
  })

  test('that is closed late does not free the need of another', async () => {
    const { journal } = setUp()
    const first = await journal.claim(attempt('a'))
    await journal.close(first, { state: 'abandoned' })
    const second = await journal.claim(attempt('b'))
    await journal.close(first, { state: 'abandoned' })
    expect(await journal.open()).toEqual(second)
  })

  test('shows its signed header nowhere', async () => {
    const { journal, store } = setUp()
    const first = await journal.claim(attempt('a'))
    const signed = await journal.advance(first, ['intended'], { state: 'signed', header })
    const closed = await journal.close(signed, { state: 'settled', header })
    const seen = [closed, await journal.list(), await store.list('')]
    expect(JSON.stringify(seen)).not.toContain(SECRET)
    expect('header' in closed).toBe(false)
  })

  test('whose need was not freed, as in a crash, is listed once and can be closed again', async () => {
    const { journal, store } = setUp()
    const first = await journal.claim(attempt('a', { state: 'signed', header }))
    await journal.close(first, { state: 'settled' })
    await store.update(NEED, () => ({ ...first }) as unknown as Json) // as the crash left it
    expect(await journal.list()).toHaveLength(1)
    await journal.close(first, { state: 'dead' })
    expect(await journal.open()).toBeUndefined()
    expect(await journal.list()).toMatchObject([{ state: 'settled' }])
  })

  test('is listed after the open one, the latest first', async () => {
    const { journal } = setUp()
    for (const [id, createdAt] of [
      ['b', 2],
      ['c', 1],
      ['a', 3],
    ] as const) {
      await journal.close(await journal.claim(attempt(id, { createdAt })), { state: 'dead' })
    }
    await journal.claim(attempt('d', { createdAt: 0 }))
    expect((await journal.list()).map(({ id }) => id)).toEqual(['d', 'a', 'b', 'c'])
  })

  test.each([
    ['abandoned', 1],
    ['dead', 1],
    ['settled', 2],
    ['writtenOff', 2],
  ] as const)('that is %s makes %d the time of the last payment', async (state, last) => {
    const { journal } = setUp()
    await journal.close(await journal.claim(attempt('a', { createdAt: 1 })), { state: 'settled' })
    await journal.close(await journal.claim(attempt('b', { createdAt: 2 })), { state })
    expect(await journal.lastPaid()).toBe(last)
  })
})

test('an open attempt is a payment, whatever its state', async () => {
  const { journal } = setUp()
  await journal.claim(attempt('a', { createdAt: 5 }))
  expect(await journal.lastPaid()).toBe(5)
})

describe('a damaged entry', () => {
  const whole: Record<string, unknown> = { ...attempt('a') }
  const without = (field: string) => {
    const { [field]: _, ...rest } = whole
    return rest
  }
  const needed = Object.keys(whole).filter((field) => field !== 'v')
  const bad: [string, unknown][] = [
    ['that is a list', []],
    ['that is text', 'x'],
    ['of a newer version', { ...whole, v: 2 }],
    ...needed.map((field): [string, unknown] => [`without ${field}`, without(field)]),
    ['with a number for an amount', { ...whole, amount: 1_000_000 }],
    ['with text for a time', { ...whole, beat: 'soon' }],
    ['with an amount that is no number', { ...whole, amount: 'x' }],
    ['in a state there is not', { ...whole, state: 'paid' }],
    ['with a header that is none', { ...whole, state: 'signed', header: 5 }],
    ['with text for its expiry', { ...whole, state: 'signed', expiresAt: 'soon' }],
    ['with evidence that is none', { ...whole, state: 'signed', evidence: [] }],
    ['that is null', null],
  ]

  test.each(bad)('%s is not built upon, nor written over', async (_, value) => {
    const { journal, store } = setUp()
    const record = value as Json // what a damaged store may hold
    await store.update(NEED, () => record)
    const given = attempt('a')
    for (const act of [
      () => journal.open(),
      () => journal.claim(given),
      () => journal.takeOver(given, 'two'),
      () => journal.lease(given, 'renewed'),
      () => journal.advance(given, ['intended'], { state: 'signed' }),
      () => journal.lastPaid(),
      () => journal.list(),
    ]) {
      expect(isARouterError(await errorOf(act()), 'store_unreadable')).toBe(true)
    }
    expect(await store.get(NEED)).toEqual(record)
  })

  test('in the archive is not passed over', async () => {
    const { journal, store } = setUp()
    await store.update(`attempt/${ORIGIN}/${FROM}/a`, () => ({ v: 9 }))
    expect(isARouterError(await errorOf(journal.list()), 'store_unreadable')).toBe(true)
    expect(isARouterError(await errorOf(journal.lastPaid()), 'store_unreadable')).toBe(true)
  })
})

describe('an attempt', () => {
  test('that was taken over before it was signed is not signed by the worker that lost it', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await runtime.advance(LEASE_MS)
    await journal.takeOver(first, 'two') // finds it intended, and goes on to abandon it
    const late = errorOf(journal.advance(first, ['intended'], { state: 'signed', header }))
    expect(isARouterError(await late, 'attempt_superseded')).toBe(true)
    expect((await journal.open())?.state).toBe('intended')
  })

  test('that was taken over is not given up by the worker that lost it', async () => {
    const { journal, runtime } = setUp()
    const first = await journal.claim(attempt('a'))
    await journal.advance(first, ['intended'], { state: 'signed', header })
    await runtime.advance(LEASE_MS)
    await journal.takeOver(first, 'two')
    const late = errorOf(journal.advance(first, ['signed'], { state: 'abandoned' }))
    expect(isARouterError(await late, 'attempt_superseded')).toBe(true)
    expect((await journal.open())?.state).toBe('signed')
  })
})

describe('the archive', () => {
  test('keeps the last 500 attempts, and forgets older ones', async () => {
    const { journal, runtime } = setUp()
    const ids = Array.from({ length: 520 }, (_, index) => `${index}0`)
    for (const id of ids) {
      await runtime.advance(1)
      const mine = await journal.claim({ ...attempt(id), createdAt: runtime.now() })
      await journal.close(mine, { state: 'settled' })
    }
    const kept = (await journal.list()).map(({ id }) => id)
    expect(kept).toEqual(ids.slice(20).reverse())
  })
})
