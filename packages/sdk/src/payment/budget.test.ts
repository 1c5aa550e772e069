import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { virtualRuntime } from '../../../../test/support/virtualRuntime'
import { isARouterError, PaymentPolicyError } from '../errors'
import { memoryStore } from '../store/memory'
import type { Json, Store } from '../store/Store'
import { type Budget, bothBudgets, createBudget } from './budget'

const ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const DAY = 86_400_000
const policy = { limit: 20_000_000n, window: DAY }

/** A budget on a store and a clock of its own. */
function setUp(given: Partial<typeof policy> = {}, store: Store = memoryStore()) {
  const runtime = virtualRuntime()
  const budget = createBudget(store, ADDRESS, { ...policy, ...given }, runtime.now)
  return { runtime, budget, store }
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )
const reserves = (budget: Budget, id: string, amount: bigint) =>
  budget.reserve(id, amount).then(
    () => true,
    (error) => {
      if (!isARouterError(error, 'budget_exceeded')) throw error
      return false
    },
  )

describe('a budget', () => {
  test('starts whole', async () => {
    expect(await setUp().budget.status()).toEqual({
      address: ADDRESS,
      limit: 20_000_000n,
      reserved: 0n,
      spent: 0n,
      remaining: 20_000_000n,
    })
  })

  test('counts what is reserved and what is spent', async () => {
    const { budget } = setUp()
    await budget.reserve('a', 5_000_000n)
    await budget.reserve('b', 3_000_000n)
    await budget.commit('a')
    expect(await budget.status()).toMatchObject({
      reserved: 3_000_000n,
      spent: 5_000_000n,
      remaining: 12_000_000n,
    })
  })

  test('can be used up to the unit, and not one unit more', async () => {
    const { budget } = setUp()
    await budget.reserve('a', 19_999_999n)
    expect(await reserves(budget, 'b', 2n)).toBe(false)
    expect(await reserves(budget, 'c', 1n)).toBe(true)
    expect(await reserves(budget, 'd', 1n)).toBe(false)
    expect((await budget.status()).remaining).toBe(0n)
  })

  test('that is used up says what was asked, what is left, and what to do', async () => {
    const { budget } = setUp()
    await budget.reserve('a', 18_000_000n)
    const error = await errorOf(budget.reserve('b', 5_000_000n))
    expect(error).toBeInstanceOf(PaymentPolicyError)
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      context: { amount: '5000000', left: '2000000', limit: '20000000' },
    })
    expect(String(error)).toMatchInlineSnapshot(
      `"PaymentPolicyError: $5.00 is more than the $2.00 left of the $20.00 budget. Funds moved: no, nothing was signed. Wait for the window to pass, or raise budget.limit."`,
    )
  })

  test('that was made smaller has nothing left, and not less', async () => {
    const { budget, store } = setUp()
    await budget.reserve('a', 10_000_000n)
    const smaller = setUp({ limit: 4_000_000n }, store).budget
    expect(await smaller.status()).toMatchObject({ reserved: 10_000_000n, remaining: 0n })
    expect(await errorOf(smaller.reserve('b', 1n))).toMatchObject({ context: { left: '0' } })
  })

  test('counts a payment once, however often it is committed', async () => {
    const { budget } = setUp()
    await budget.reserve('a', 5_000_000n)
    await Promise.all([budget.commit('a'), budget.commit('a')])
    await budget.commit('a')
    expect(await budget.status()).toMatchObject({ reserved: 0n, spent: 5_000_000n })
  })

  test('sets nothing aside for an attempt that was given up by another worker meanwhile', async () => {
    const { budget } = setUp()
    await budget.release('given up')
    const late = await errorOf(budget.reserve('given up', 5_000_000n))
    expect(isARouterError(late, 'attempt_superseded')).toBe(true)
    expect((await budget.status()).reserved).toBe(0n)
    await budget.reserve('another', 5_000_000n)
  })

  test('remembers the last 32 that were given up', async () => {
    const { budget } = setUp()
    for (let n = 0; n < 33; n++) await budget.release(`${n}`)
    await budget.release('2')
    await budget.reserve('0', 1n)
    for (let n = 1; n < 33; n++) {
      const late = await errorOf(budget.reserve(`${n}`, 1n))
      expect(isARouterError(late, 'attempt_superseded'), `${n}`).toBe(true)
    }
  })

  test('gets a reservation back when it is released, but never what was committed', async () => {
    const { budget } = setUp()
    await budget.reserve('a', 5_000_000n)
    await budget.reserve('b', 5_000_000n)
    await budget.release('a')
    await budget.release('a')
    await budget.commit('b')
    await budget.release('b')
    await budget.commit('never reserved')
    await budget.release('never reserved')
    expect(await budget.status()).toMatchObject({ reserved: 0n, spent: 5_000_000n })
  })

  test('is one for all clients of a wallet on one store, and another for each wallet', async () => {
    const { budget, store, runtime } = setUp()
    await budget.reserve('a', 15_000_000n)
    const same = createBudget(store, ADDRESS, policy, runtime.now)
    const other = createBudget(store, 'another wallet', policy, runtime.now)
    expect(await reserves(same, 'b', 6_000_000n)).toBe(false)
    expect(await reserves(other, 'b', 6_000_000n)).toBe(true)
  })

  test('takes an id that every object has', async () => {
    const { budget } = setUp()
    for (const id of ['__proto__', 'constructor']) await budget.reserve(id, 1n)
    expect((await budget.status()).reserved).toBe(2n)
  })
})

describe('the window', () => {
  test.each([0, 1, DAY / 96 - 1])(
    'counts what was spent %i ms into a bucket until it is over, and by a bucket at most longer',
    async (into) => {
      const { budget, runtime } = setUp()
      await runtime.advance(into)
      await budget.reserve('a', 20_000_000n)
      await budget.commit('a')
      await runtime.advance(DAY - 1)
      expect(await reserves(budget, 'b', 1n)).toBe(false)
      await runtime.advance(DAY / 96 + 1)
      expect(await reserves(budget, 'b', 20_000_000n)).toBe(true)
    },
  )

  test('never ends for what is reserved and of unknown outcome', async () => {
    const { budget, runtime } = setUp()
    await budget.reserve('a', 20_000_000n)
    await runtime.advance(100 * DAY)
    expect(await reserves(budget, 'b', 1n)).toBe(false)
  })

  test('begins when a payment is committed, not when it was reserved', async () => {
    const { budget, runtime } = setUp()
    await budget.reserve('a', 20_000_000n)
    await runtime.advance(DAY)
    await budget.commit('a')
    await runtime.advance(DAY - 1)
    expect(await reserves(budget, 'b', 1n)).toBe(false)
  })

  test('does not end early when the clock goes back', async () => {
    const store = memoryStore()
    let now = Date.UTC(2026, 10, 20)
    const budget = createBudget(store, ADDRESS, policy, () => now)
    await budget.reserve('a', 20_000_000n)
    await budget.commit('a')
    now -= 10 * DAY
    expect(await reserves(budget, 'b', 1n)).toBe(false)
  })

  test('keeps the record small, however many payments there are', async () => {
    const { budget, runtime, store } = setUp({ limit: 10n ** 12n })
    for (let payment = 0; payment < 500; payment++) {
      await budget.reserve(`a${payment}`, 1_000_000n)
      await budget.commit(`a${payment}`)
      await runtime.advance(DAY / 250)
    }
    const record = JSON.stringify(await store.get(`budget/${ADDRESS}`))
    expect(record.length).toBeLessThan(97 * 32)
  }, 60_000)
})

/** A store whose every step takes a turn, and whose changes run more than once, as is its right. */
function slowStore(random: () => number): Store {
  const inner = memoryStore()
  const pause = async () => {
    for (let turns = Math.floor(random() * 4); turns > 0; turns--) await Promise.resolve()
  }
  return {
    ...inner,
    get: async (key) => {
      await pause()
      return inner.get(key)
    },
    update: async (key, change) => {
      await pause()
      change(await inner.get(key))
      await pause()
      return inner.update(key, change)
    },
  }
}

type Step = { readonly kind: 'reserve' | 'commit' | 'release' | 'wait'; readonly by: number }

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('reserve', 'reserve', 'commit', 'release', 'wait'),
  by: fc.integer({ min: 1, max: 12 }),
})

describe('under any interleaving', () => {
  test('what is reserved and was spent inside the window is never over the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (rounds, seed) => {
          const runtime = virtualRuntime({ seed })
          const store = slowStore(runtime.random)
          const limits = { limit: 20n, window: 100_000 }
          const workers = [1, 2, 3].map(() => createBudget(store, ADDRESS, limits, runtime.now))
          const watcher = createBudget(store, ADDRESS, limits, runtime.now)
          const reserved = new Map<string, bigint>()
          const spent: { at: number; amount: bigint }[] = []
          let next = 0

          const act = async ({ kind, by }: Step, budget: Budget) => {
            const [oldest] = reserved.keys()
            if (kind === 'reserve') {
              const id = `a${next++}`
              if (await reserves(budget, id, BigInt(by))) reserved.set(id, BigInt(by))
            } else if (kind !== 'wait' && oldest !== undefined) {
              const amount = reserved.get(oldest) ?? 0n
              reserved.delete(oldest)
              if (kind === 'commit') spent.push({ at: runtime.now(), amount })
              await budget[kind](oldest)
            }
          }

          for (const round of rounds) {
            await Promise.all(round.map((each, index) => act(each, workers[index % 3] ?? watcher)))
            const waits = round.filter(({ kind }) => kind === 'wait')
            for (const { by } of waits) await runtime.advance(by * 9_000)
            const since = runtime.now() - limits.window
            const counted =
              [...reserved.values()].reduce((sum, amount) => sum + amount, 0n) +
              spent.reduce((sum, { at, amount }) => (at > since ? sum + amount : sum), 0n)
            expect(counted <= limits.limit).toBe(true)
            const status = await watcher.status()
            expect(status.reserved + status.spent >= counted).toBe(true)
            expect(status.reserved + status.spent <= limits.limit).toBe(true)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a damaged record', () => {
  const whole = { v: 1, reserved: {}, spent: {}, released: [], longest: 1 }
  const bad: Json[] = [
    null,
    5,
    'x',
    [],
    {},
    { ...whole, v: 2 },
    { ...whole, v: '1' },
    { ...whole, reserved: null },
    { ...whole, reserved: [] },
    { ...whole, reserved: { a: 5 } },
    { ...whole, reserved: { a: '-5' } },
    { ...whole, reserved: { a: '5.0' } },
    { ...whole, reserved: { a: '0x5' } },
    { ...whole, reserved: { a: null } },
    { ...whole, spent: null },
    { ...whole, spent: { soon: '5' } },
    { ...whole, spent: { '1 soon': '5' } },
    { ...whole, spent: { 'at 1': '5' } },
    { ...whole, spent: { '': '5' } },
    { ...whole, spent: { 1: '0x5' } },
    { ...whole, spent: { 1: '' } },
    { ...whole, spent: { 1: '5', soon: '5' } },
    { ...whole, longest: '1' },
    { ...whole, longest: null },
    { ...whole, released: null },
    { ...whole, released: 'a' },
    { ...whole, released: ['a', 5] },
  ]

  test.each(bad)('is not built upon, nor written over: %j', async (record) => {
    const { budget, store } = setUp()
    await store.update(`budget/${ADDRESS}`, () => record)
    for (const act of [
      () => budget.reserve('a', 1n),
      () => budget.commit('a'),
      () => budget.release('a'),
      () => budget.status(),
    ]) {
      expect(isARouterError(await errorOf(act()), 'store_unreadable')).toBe(true)
    }
    expect(await store.get(`budget/${ADDRESS}`)).toEqual(record)
  })
})

describe('the window', () => {
  test('of a client with a shorter one cannot make the others forget what was spent', async () => {
    const { budget, runtime, store } = setUp()
    await budget.reserve('a', 20_000_000n)
    await budget.commit('a')
    await runtime.advance(DAY / 2)
    const brief = createBudget(store, ADDRESS, { limit: 20_000_000n, window: 60_000 }, runtime.now)
    await brief.reserve('b', 1n)
    await brief.release('b')
    expect((await budget.status()).spent).toBe(20_000_000n)
    expect(await reserves(budget, 'c', 1n)).toBe(false)
  })

  test('of a client with a shorter one counts what one with a longer one spent, to its end', async () => {
    const { budget, runtime, store } = setUp() // buckets of 15 minutes
    await runtime.advance(DAY / 96 - 60_000) // a minute before the end of a bucket
    await budget.reserve('a', 20_000_000n)
    await budget.commit('a')
    const brief = createBudget(store, ADDRESS, { limit: 20_000_000n, window: 600_000 }, runtime.now)
    await runtime.advance(60_000)
    expect((await brief.status()).spent).toBe(20_000_000n)
  })
})

describe('a limit per origin', () => {
  const limits = { limit: 20_000_000n, window: DAY }

  function setUpBoth() {
    const { store, runtime, budget: all } = setUp()
    const key = `budget/https://gateway.example/${ADDRESS}`
    const here = createBudget(store, ADDRESS, { ...limits, limit: 5_000_000n }, runtime.now, key)
    return { all, here, both: bothBudgets(all, here) }
  }

  test('refuses what the origin has no room for, and counts nothing', async () => {
    const { both, all } = setUpBoth()
    await both.reserve('a', 5_000_000n)
    expect(await reserves(both, 'b', 1n)).toBe(false)
    expect((await all.status()).reserved).toBe(5_000_000n)
  })

  test('sets nothing aside at the origin where the wallet has no room', async () => {
    const { both, all, here } = setUpBoth()
    await all.reserve('elsewhere', 19_000_000n)
    expect(await reserves(both, 'a', 2_000_000n)).toBe(false)
    expect((await here.status()).reserved).toBe(0n)
  })

  test('commits and releases in both books', async () => {
    const { both } = setUpBoth()
    await both.reserve('a', 1_000_000n)
    await both.reserve('b', 2_000_000n)
    await both.commit('a')
    await both.release('b')
    expect(await both.status()).toMatchObject({
      spent: 1_000_000n,
      reserved: 0n,
      here: { limit: 5_000_000n, spent: 1_000_000n, reserved: 0n, remaining: 4_000_000n },
    })
  })
})

test('a reservation that a store makes twice counts once, and needs no room twice', async () => {
  const { budget } = setUp()
  await budget.reserve('a', 15_000_000n)
  await budget.reserve('a', 15_000_000n)
  expect((await budget.status()).reserved).toBe(15_000_000n)
})
