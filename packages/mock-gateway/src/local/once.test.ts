import { expect, test } from 'vitest'
import { once } from './once'

test('who comes while it is given waits for it, and it is given once', async () => {
  const given = new Map<string, Promise<void>>()
  let gifts = 0
  let hand: () => void = () => undefined
  const give = async () => {
    gifts += 1
    await new Promise<void>((resolve) => {
      hand = resolve
    })
  }
  const waiting: string[] = []
  const both = ['first', 'second'].map((name) =>
    once(given, 'alice', give).then(() => waiting.push(name)),
  )
  await Promise.resolve()
  expect([gifts, waiting]).toEqual([1, []])
  hand()
  await Promise.all(both)
  await once(given, 'alice', give)
  expect(gifts).toBe(1)
})

test('after a failure it is tried again', async () => {
  const given = new Map<string, Promise<void>>()
  const failing = once(given, 'alice', () => Promise.reject(new Error('no gas')))
  await expect(failing).rejects.toThrow('no gas')
  let gifts = 0
  await once(given, 'alice', async () => {
    gifts += 1
  })
  expect(gifts).toBe(1)
})
