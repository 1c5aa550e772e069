import { expect, test } from 'vitest'
import { randomFrom, START, virtualRuntime } from './virtualRuntime'

test('timers run in order of their time, then of when they were set, at that very time', async () => {
  const runtime = virtualRuntime()
  const told: [string, number][] = []
  const tell = (name: string) => () => told.push([name, runtime.now() - START])
  runtime.after(20, tell('c'))
  runtime.after(10, tell('a'))
  runtime.after(10, tell('b'))
  runtime.after(31, tell('later'))
  await runtime.advance(30)
  expect(told).toEqual([
    ['a', 10],
    ['b', 10],
    ['c', 20],
  ])
  expect(runtime.now()).toBe(START + 30)
  expect(runtime.pending()).toBe(1)
})

test('a timer set by a timer runs in the same advance if it falls due', async () => {
  const runtime = virtualRuntime()
  const at: number[] = []
  const tick = () => {
    at.push(runtime.now() - START)
    runtime.after(10, tick)
  }
  runtime.after(10, tick)
  await runtime.advance(35)
  expect(at).toEqual([10, 20, 30])
})

test('a cancelled timer never runs', async () => {
  const runtime = virtualRuntime()
  let runs = 0
  const cancel = runtime.after(5, () => {
    runs++
  })
  cancel()
  cancel()
  await runtime.advance(10)
  expect(runs).toBe(0)
})

test('what follows a timer has settled before the next one runs', async () => {
  const runtime = virtualRuntime()
  const order: string[] = []
  runtime.after(1, () => {
    new Response('x').text().then(() => order.push('body of the first'))
  })
  runtime.after(1, () => order.push('second'))
  await runtime.advance(1)
  expect(order).toEqual(['body of the first', 'second'])
})

test('run moves the clock exactly as far as a promise needs', async () => {
  const runtime = virtualRuntime()
  const outcome = new Promise<string>((resolve) => {
    runtime.after(100, () => runtime.after(150, () => resolve('done')))
  })
  expect(await runtime.run(outcome)).toBe('done')
  expect(runtime.now()).toBe(START + 250)
})

test('run says so where nothing can settle the promise, or not in time', async () => {
  const runtime = virtualRuntime()
  const never = new Promise<void>(() => undefined)
  await expect(runtime.run(never)).rejects.toThrow('Nothing is left')
  runtime.after(11, () => undefined)
  await expect(runtime.run(never, 10)).rejects.toThrow('within 10 ms')
})

test('the clock waits for work that is held', async () => {
  const runtime = virtualRuntime()
  const order: string[] = []
  const work = crypto.subtle.digest('SHA-256', new Uint8Array(1 << 22))
  void runtime.hold(work).then(() => order.push('work'))
  runtime.after(1, () => order.push('timer'))
  await runtime.advance(1)
  expect(order).toEqual(['work', 'timer'])
})

test('chance is the same for the same seed, spread over [0, 1), and another for another', () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, randomFrom(seed))
  const numbers = draw(7)
  expect(draw(7)).toEqual(numbers)
  expect(draw(8)).not.toEqual(numbers)
  expect(numbers.every((value) => value >= 0 && value < 1)).toBe(true)
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  expect(mean).toBeCloseTo(0.5, 1)
})
