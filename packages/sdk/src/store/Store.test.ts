import { describe, expect, test } from 'vitest'
import { ARouterError, isARouterError, unreadable } from '../errors'
import { memoryStore } from './memory'
import { guarded, type Store, storeFailed } from './Store'

const failing = (fail: () => Promise<never>): Store => ({
  durable: true,
  get: fail,
  update: fail,
  list: fail,
  presence: { announce: fail, isThere: fail },
})

async function failures(store: Store): Promise<unknown[]> {
  const { announce, isThere } = store.presence ?? {}
  const works = [
    store.get('a'),
    store.update('a', () => 1),
    store.list(''),
    announce?.('a') ?? Promise.resolve(),
    isThere?.('a') ?? Promise.resolve(),
  ]
  return Promise.all(works.map((work) => work.then(String, (error: unknown) => error)))
}

describe('a store of the user’s own', () => {
  test('does what it does, and says what it says of itself', async () => {
    const store = guarded(memoryStore())
    expect(store.durable).toBe(false)
    expect(guarded(failing(() => Promise.reject())).durable).toBe(true)
    expect(await store.update('a', () => 1)).toBe(1)
    expect(await store.get('a')).toBe(1)
    expect(await store.list('')).toEqual([['a', 1]])
    expect(store.presence).toBeUndefined()
    const there: string[] = []
    const presence = {
      announce: async (worker: string) => void there.push(worker),
      isThere: async (worker: string) => there.includes(worker),
    }
    const known = guarded({ ...memoryStore(), presence })
    await known.presence?.announce('one')
    expect(await known.presence?.isThere('one')).toBe(true)
    expect(await known.presence?.isThere('two')).toBe(false)
  })

  test('fails with a typed error and its cause, whether it throws or rejects', async () => {
    const cause = new Error('disk full')
    const throwing = () => {
      throw cause
    }
    for (const fail of [throwing, () => Promise.reject(cause)]) {
      for (const error of await failures(guarded(failing(fail)))) {
        expect(error).toMatchObject({ code: 'store_failed', fundsMoved: 'no', cause })
        expect(String(error)).toContain('Funds moved: no.')
      }
    }
  })

  test('that fails typed fails so', async () => {
    const error = unreadable('need/1')
    for (const thrown of await failures(guarded(failing(() => Promise.reject(error))))) {
      expect(thrown).toBe(error)
    }
    expect(error.message).toContain('need/1 is damaged or of a newer version. Funds moved: no')
    expect(error.context).toEqual({ key: 'need/1' })
  })

  test('from another copy of this package fails as one of this copy', async () => {
    const foreign = Object.setPrototypeOf(storeFailed('why'), Error.prototype)
    expect(foreign instanceof ARouterError).toBe(false)
    for (const error of await failures(guarded(failing(() => Promise.reject(foreign))))) {
      expect(error instanceof ARouterError && isARouterError(error, 'store_failed')).toBe(true)
    }
  })
})
