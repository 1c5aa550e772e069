import { expect, test } from 'vitest'
import { unreadable } from '../errors'
import { typed } from './typed'

test('what a store does not foresee is typed; what is typed stays as it is', async () => {
  const cause = new Error('EIO')
  await expect(typed(() => Promise.reject(cause))).rejects.toMatchObject({
    code: 'store_failed',
    cause,
  })
  const error = unreadable('a')
  await expect(typed(() => Promise.reject(error))).rejects.toBe(error)
  expect(await typed(async () => 1)).toBe(1)
})
