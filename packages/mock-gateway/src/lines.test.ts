import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLines } from './lines'

test('what has one name runs in the order it came, each once the one before is through', async () => {
  const inLine = createLines()
  const begun: string[] = []
  let end: () => void = () => undefined
  const line = [
    inLine('one', () => {
      begun.push('first')
      return new Promise<void>((resolve) => {
        end = resolve
      })
    }),
    inLine('one', async () => begun.push('second')),
    inLine('one', async () => begun.push('third')),
  ]
  expect(await inLine('other', async () => begun.push('other'))).toBe(2)
  await setImmediate()
  expect(begun).toEqual(['first', 'other'])
  end()
  expect(await Promise.all(line)).toEqual([undefined, 3, 4])
  expect(begun).toEqual(['first', 'other', 'second', 'third'])
})

test('what fails fails for who gave it, and the next in line runs', async () => {
  const inLine = createLines()
  const failing = inLine('one', () => Promise.reject(new Error('no gas')))
  const next = inLine('one', async () => 'ran')
  await expect(failing).rejects.toThrow('no gas')
  expect(await next).toBe('ran')
  expect(await inLine('one', async () => 'ran again')).toBe('ran again')
})

test('who comes while the last is running waits behind it', async () => {
  const inLine = createLines()
  const begun: string[] = []
  let end: () => void = () => undefined
  const first = inLine('one', async () => begun.push('first'))
  const second = inLine('one', () => {
    begun.push('second')
    return new Promise<void>((resolve) => {
      end = resolve
    })
  })
  await first
  const third = inLine('one', async () => begun.push('third'))
  await setImmediate()
  expect(begun).toEqual(['first', 'second'])
  end()
  await Promise.all([second, third])
  expect(begun).toEqual(['first', 'second', 'third'])
})
