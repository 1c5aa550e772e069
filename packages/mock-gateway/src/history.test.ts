import { expect, test } from 'vitest'
import { createHistory } from './history'

test('a history keeps the latest, in order, counts all, and tells what it forgets', () => {
  const forgotten: number[] = []
  const history = createHistory<number>(3, (item) => forgotten.push(item))
  for (const item of [1, 2, 3, 4, 5]) history.add(item)
  expect(history.items()).toEqual([3, 4, 5])
  expect(history.total()).toBe(5)
  expect(forgotten).toEqual([1, 2])
})

test('a saved history goes on where it was, also in a smaller one', () => {
  const history = createHistory<number>(3)
  for (const item of [1, 2, 3, 4]) history.add(item)
  const forgotten: number[] = []
  const smaller = createHistory<number>(2, (item) => forgotten.push(item))
  smaller.add(9)
  smaller.load(history.save())
  expect(smaller.items()).toEqual([3, 4])
  expect(smaller.total()).toBe(4)
  expect(forgotten).toEqual([2])
  smaller.clear()
  expect([smaller.items(), smaller.total()]).toEqual([[], 0])
})
