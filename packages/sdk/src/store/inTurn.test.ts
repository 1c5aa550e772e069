import { expect, test } from 'vitest'
import { inTurn } from './inTurn'

test('tasks of one key run one after the other, in the order they came', async () => {
  const queue = inTurn()
  const log: string[] = []
  const task = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    log.push(`${name} ends`)
    return name
  }
  const results = await Promise.all([queue('key', task('first')), queue('key', task('second'))])
  expect(results).toEqual(['first', 'second'])
  expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
})

test('a task that fails fails for its own caller only', async () => {
  const queue = inTurn()
  const failed = queue('key', () => Promise.reject(new Error('broken')))
  const after = queue('key', async () => 'fine')
  await expect(failed).rejects.toThrow('broken')
  expect(await after).toBe('fine')
})

test('a task of another key waits for nothing', async () => {
  const queue = inTurn()
  let release = () => {}
  const slow = queue('slow', () => new Promise<void>((resolve) => (release = resolve)))
  expect(await queue('quick', async () => 'done')).toBe('done')
  release()
  await slow
})

test('a task that comes while the second runs waits for it, though the first has ended', async () => {
  const queue = inTurn()
  const log: string[] = []
  let release = () => {}
  const first = queue('key', async () => 'first')
  const second = queue('key', () => new Promise<void>((resolve) => (release = resolve)))
  await first
  await new Promise((resolve) => setImmediate(resolve))
  const third = queue('key', async () => void log.push('third'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(log).toEqual([])
  release()
  await Promise.all([second, third])
  expect(log).toEqual(['third'])
})
