import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START, virtualRuntime } from '../../../test/support/virtualRuntime'
import { gatewayClock } from './clock'

const LOCAL = START / 1000
const HOUR = 3_600
const dated = (seconds: number) =>
  new Headers({ date: new Date((LOCAL + seconds) * 1000).toUTCString() })

describe("the gateway's clock", () => {
  test('is the local one until an answer says otherwise', () => {
    const runtime = virtualRuntime({ start: START + 999 })
    expect(gatewayClock(runtime).now()).toBe(LOCAL)
  })

  test('is off by what a Date header says, up to 25 hours either way', () => {
    const offset = fc.integer({ min: -25 * HOUR, max: 25 * HOUR })
    fc.assert(
      fc.property(
        offset.filter((seconds) => Math.abs(seconds) > 5),
        (seconds) => {
          const clock = gatewayClock(virtualRuntime())
          expect(clock.learn(dated(seconds))).toBe(Math.abs(seconds))
          expect(clock.now()).toBe(LOCAL + seconds)
        },
      ),
    )
  })

  test('moves on with the local one', async () => {
    const runtime = virtualRuntime()
    const clock = gatewayClock(runtime)
    clock.learn(dated(-3_000))
    await runtime.advance(10_000)
    expect(clock.now()).toBe(LOCAL - 3_000 + 10)
  })

  test.each([-5, -1, 0, 1, 5])('is not corrected for a difference of %i s', (seconds) => {
    const clock = gatewayClock(virtualRuntime())
    expect(clock.learn(dated(seconds))).toBe(0)
    expect(clock.now()).toBe(LOCAL)
  })

  test.each([-25 * HOUR - 1, 25 * HOUR + 1, 10 * 365 * 24 * HOUR])(
    'does not believe a Date %i s away',
    (seconds) => {
      const clock = gatewayClock(virtualRuntime())
      expect(clock.learn(dated(seconds))).toBe(0)
      expect(clock.now()).toBe(LOCAL)
    },
  )

  test.each(['', 'yesterday', 'NaN', '99999999999999999999'])(
    'learns nothing from the Date %j',
    (date) => {
      const clock = gatewayClock(virtualRuntime())
      expect(clock.learn(new Headers(date ? { date } : {}))).toBe(0)
      expect(clock.now()).toBe(LOCAL)
    },
  )

  test('is corrected once, and again only when it is off again', () => {
    const clock = gatewayClock(virtualRuntime())
    expect([300, 300, 304, 320].map((seconds) => clock.learn(dated(seconds)))).toEqual([
      300, 0, 0, 20,
    ])
    expect(clock.now()).toBe(LOCAL + 320)
  })

  test('goes back to the local one when the gateway agrees with that', () => {
    const clock = gatewayClock(virtualRuntime())
    clock.learn(dated(300))
    expect(clock.learn(dated(2))).toBe(298)
    expect(clock.now()).toBe(LOCAL)
  })

  test('signs nothing while the newest Date is further off than that, and says which way', () => {
    const clock = gatewayClock(virtualRuntime())
    expect(clock.toSign()).toBe(LOCAL)
    clock.learn(dated(30 * HOUR))
    expect(clock.toSign).toThrow(
      expect.objectContaining({ code: 'clock_off', context: { seconds: 30 * HOUR } }),
    )
    expect(clock.toSign).toThrow(/clock is 30 h behind the gateway's/)
    clock.learn(dated(-48 * HOUR))
    expect(clock.toSign).toThrow(/clock is 48 h ahead of the gateway's/)
    clock.learn(new Headers())
    expect(clock.toSign).toThrow(/48 h/)
    clock.learn(dated(24 * HOUR))
    expect(clock.toSign()).toBe(LOCAL + 24 * HOUR)
  })

  test('calls past only what is past by both, the local clock and its own', () => {
    for (const [offset, seconds, isPast] of [
      [0, -1, true],
      [0, 0, false],
      [HOUR, 1, false],
      [HOUR, -1, true],
      [-HOUR, -1, false],
      [-HOUR, -HOUR - 1, true],
    ] as const) {
      const clock = gatewayClock(virtualRuntime())
      clock.learn(dated(offset))
      expect(clock.isPast(LOCAL + seconds)).toBe(isPast)
    }
  })
})
