import { expect, test, vi } from 'vitest'
import { live } from './live'

test('a live value starts for its first watcher and stops after its last, each time anew', () => {
  const stop = vi.fn()
  const start = vi.fn(() => stop)
  const value = live(0, start)
  expect(start).not.toHaveBeenCalled()
  const ends = [value.subscribe(() => {}), value.subscribe(() => {})]
  expect(start).toHaveBeenCalledTimes(1)
  ends[0]?.()
  ends[0]?.()
  expect(stop).not.toHaveBeenCalled()
  ends[1]?.()
  expect(stop).toHaveBeenCalledTimes(1)
  value.subscribe(() => {})
  expect(start).toHaveBeenCalledTimes(2)
})

test('who watches a live value is told of each change, and a server sees the first value', () => {
  const value = live('first')
  const seen: string[] = []
  const end = value.subscribe(() => seen.push(value.get()))
  value.set('second')
  end()
  value.set('third')
  expect(seen).toEqual(['second'])
  expect([value.get(), value.initial()]).toEqual(['third', 'first'])
})
