import { expect, test } from 'vitest'
import { ARouterError } from '../errors'
import { reasonOf, superseded } from './failures'

test('a failure is noted by its code, and one that nobody foresaw as such', () => {
  expect(reasonOf(new ARouterError(0, 'timeout', 'No answer.'))).toBe('timeout')
  expect(reasonOf(new TypeError('secret'))).toBe('unexpected error')
})

test('an attempt that another process took is named', () => {
  const error = superseded('abc')
  expect(error).toMatchObject({ code: 'attempt_superseded', context: { attempt: 'abc' } })
  expect(error.message).toContain('Payment abc was closed by another process')
  expect(error.message).toContain('Funds moved: no, not by this call.')
})
