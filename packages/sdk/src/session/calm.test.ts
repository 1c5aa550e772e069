import { describe, expect, test } from 'vitest'
import { isARouterError } from '../errors'
import type { Json } from '../store/Store'
import { type Calm, calmAfterRefusal, readCalm } from './calm'

const KEY = 'calm/https://gateway.example/0x5a'

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('after a refused sign-in', () => {
  test('the next waits 1, 2, 4 .. 60 seconds', () => {
    let calm: Calm = readCalm(undefined, KEY)
    const waits = Array.from({ length: 9 }, () => {
      calm = readCalm(calmAfterRefusal(calm, 5_000), KEY)
      return (calm.until - 5_000) / 1_000
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  test('however many there were, the wait is a number', () => {
    expect(calmAfterRefusal({ failures: 5_000, until: 0 }, 0).until).toBe(60_000)
  })

  const bad: Json[] = [null, 5, [], {}, { v: 2, failures: 1, until: 1 }, { v: 1, failures: 1 }]
  test.each([...bad, { v: 1, failures: '1', until: 1 }])(
    'a damaged record is not built upon: %j',
    (record) => {
      expect(
        isARouterError(
          thrown(() => readCalm(record, KEY)),
          'store_unreadable',
        ),
      ).toBe(true)
    },
  )
})
