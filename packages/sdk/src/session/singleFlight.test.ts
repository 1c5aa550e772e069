import { describe, expect, test } from 'vitest'
import { isARouterError } from '../errors'
import { singleFlight } from './singleFlight'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  )

/** Work that ends when its test says so. */
function work() {
  const runs: { end: (outcome: string) => void; signal: AbortSignal }[] = []
  const start = (signal: AbortSignal) =>
    new Promise<string>((end) => {
      runs.push({ end, signal })
    })
  return { runs, start }
}

describe('a flight', () => {
  test('is one for all who ask while it runs', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const askers = Array.from({ length: 1_000 }, () => flight(undefined, start))
    runs[0]?.end('done')
    expect(new Set(await Promise.all(askers))).toEqual(new Set(['done']))
    expect(runs).toHaveLength(1)
  })

  test('is another for those who ask after it', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const first = flight(undefined, start)
    runs[0]?.end('first')
    expect(await first).toBe('first')
    const second = flight(undefined, start)
    runs[1]?.end('second')
    expect(await second).toBe('second')
  })

  test('goes on for the others when the one who began it leaves', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const leader = new AbortController()
    const left = errorOf(flight(leader.signal, start))
    const stayed = flight(new AbortController().signal, start)
    leader.abort()
    expect(isARouterError(await left, 'aborted')).toBe(true)
    expect(runs[0]?.signal.aborted).toBe(false)
    runs[0]?.end('done')
    expect(await stayed).toBe('done')
    expect(runs).toHaveLength(1)
  })

  test('ends when the last who waited for it leaves, and not before', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const controllers = [1, 2, 3].map(() => new AbortController())
    const left = controllers.map(({ signal }) => errorOf(flight(signal, start)))
    const ended = controllers.map((controller) => {
      controller.abort()
      return runs[0]?.signal.aborted
    })
    expect(ended).toEqual([false, false, true])
    for (const error of await Promise.all(left)) expect(isARouterError(error, 'aborted')).toBe(true)
  })

  test('whose last waiter left does not serve those who ask later', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const controller = new AbortController()
    const left = errorOf(flight(controller.signal, start))
    controller.abort()
    const next = flight(undefined, start)
    expect(runs).toHaveLength(2)
    runs[0]?.end('too late')
    await turn()
    const joined = flight(undefined, start)
    runs[1]?.end('done')
    expect(await Promise.all([next, joined])).toEqual(['done', 'done'])
    expect(runs).toHaveLength(2)
    expect(isARouterError(await left, 'aborted')).toBe(true)
  })

  test('is not begun, nor joined, by one who has gone already', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const gone = AbortSignal.abort()
    expect(isARouterError(await errorOf(flight(gone, start)), 'aborted')).toBe(true)
    expect(runs).toHaveLength(0)
    const stayed = flight(undefined, start)
    expect(isARouterError(await errorOf(flight(gone, start)), 'aborted')).toBe(true)
    expect(runs[0]?.signal.aborted).toBe(false)
    runs[0]?.end('done')
    expect(await stayed).toBe('done')
  })

  test('that nobody hears of in the end leaves nothing unhandled', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const controller = new AbortController()
    const left = errorOf(flight(controller.signal, start))
    controller.abort()
    runs[0]?.end('too late')
    await turn()
    expect(isARouterError(await left, 'aborted')).toBe(true)
  })

  test('gives each who leaves an error of its own', async () => {
    const flight = singleFlight<string>()
    const { start } = work()
    const controller = new AbortController()
    const left = [1, 2].map(() => errorOf(flight(controller.signal, start)))
    controller.abort()
    const [one, two] = await Promise.all(left)
    expect(one).not.toBe(two)
  })

  test('that has landed does not mind who leaves afterwards', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const controller = new AbortController()
    const served = flight(controller.signal, start)
    runs[0]?.end('done')
    expect(await served).toBe('done')
    controller.abort()
    expect(runs[0]?.signal.aborted).toBe(false)
  })

  test('that cannot begin is not left standing', async () => {
    const flight = singleFlight<string>()
    const { runs, start } = work()
    const broken = () => {
      throw new TypeError('cannot begin')
    }
    expect(() => flight(undefined, broken)).toThrow('cannot begin')
    const next = flight(undefined, start)
    runs[0]?.end('done')
    expect(await next).toBe('done')
  })
})
