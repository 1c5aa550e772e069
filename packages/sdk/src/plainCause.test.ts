import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { TimeoutError } from './errors'
import { plainCause } from './plainCause'

const key = `0x${'ab'.repeat(32)}`

test('a cause keeps its name, code, words, stack and own causes', () => {
  const deeper = Object.assign(new TypeError('no route'), { code: 'EHOSTUNREACH' })
  const cause = Object.assign(new RangeError('fetch failed', { cause: deeper }), { code: 7 })
  const plain = plainCause(cause)
  expect(plain).toMatchObject({
    name: 'RangeError',
    message: 'fetch failed',
    code: 7,
    cause: { name: 'TypeError', message: 'no route', code: 'EHOSTUNREACH' },
  })
  expect(plain).toBeInstanceOf(Error)
  expect(plain).toHaveProperty('stack', cause.stack)
})

test('a cause loses what it quotes, wherever it keeps it', () => {
  const cause = Object.assign(
    new Error(`bad ${key}\n    at ${key}`, { cause: { message: key, key } }),
    {
      command: { args: [key] },
      data: key,
      code: key,
      name: key,
    },
  )
  expect(inspect(plainCause(cause), { depth: 9, showHidden: true })).not.toContain('abab')
  expect(plainCause(key)).toBe('[redacted]')
})

test('a chain of causes that never ends is cut', () => {
  const cause = new Error('loop')
  cause.cause = cause
  expect(inspect(plainCause(cause)).match(/Error: loop/g)).toHaveLength(4)
})

test('an error of ours, and what is no object, stay what they are', () => {
  const ours = new TimeoutError('late')
  for (const value of [ours, undefined, null, 7, true, 'plain words']) {
    expect(plainCause(value)).toBe(value)
  }
})
