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
})
