import { expect, test } from 'vitest'
import { loadPart } from './loadPart'

test('what is loaded is passed on', async () => {
  expect(await loadPart(async () => 'a part')).toBe('a part')
})

test('a part that cannot be loaded is a failed connection: no funds moved, and it can be tried again', async () => {
  const cause = new TypeError('Failed to fetch dynamically imported module')
  await expect(loadPart(() => Promise.reject(cause))).rejects.toMatchObject({
    name: 'ConnectionError',
    code: 'connection_error',
    fundsMoved: 'no',
    cause,
  })
})
