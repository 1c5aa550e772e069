import { webStore } from '@arouter/sdk/web'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isARouterError } from '../../packages/sdk/src/errors'
import { conformance, failure } from './conformance'
import { type IndexedDbDouble, indexedDbDouble } from './indexedDbDouble'
import { failures, webCases } from './webCases'

let double: IndexedDbDouble
let remove: () => void

beforeEach(() => {
  double = indexedDbDouble()
  remove = double.install()
})

afterEach(() => remove())

describe('the IndexedDB store, over a double of the browser', () => {
  for (const { name, run } of conformance) {
    test(name, () => run(webStore('place'), () => webStore('place')))
  }

  for (const { name, run } of webCases) test(name, () => run('place'))

  test('keeps what it said was stored when power is lost, and goes on', async () => {
    const store = webStore()
    await store.update('a', () => 1)
    await store.update('b', () => 2)
    await store.update('b', () => undefined)
    double.loseWhatWasNotFlushed()
    expect(await store.list('')).toEqual([['a', 1]])
    expect(await webStore('arouter').get('a')).toBe(1)
    expect(double.opens()).toBe(3)
  })

  test('is a typed error where there is no room, and what was stored stands', async () => {
    const store = webStore()
    await store.update('a', () => 1)
    double.useUp('used up')
    const error = await failure(store.update('a', () => 2))
    expect(isARouterError(error, 'store_failed') && error.cause).toMatchObject({
      name: 'QuotaExceededError',
    })
    expect(await store.update('a', (current) => current)).toBe(1)
    double.useUp('ample')
    expect(await store.get('a')).toBe(1)
    expect(await store.update('a', () => 3)).toBe(3)
  })

  test('is a typed error where its database fails to open, and goes on when it does', async () => {
    double.failToOpen()
    const store = webStore()
    const error = await failure(store.get('a'))
    expect(isARouterError(error, 'store_failed') && error.cause).toMatchObject({
      name: 'UnknownError',
    })
    expect(await store.update('a', () => 1)).toBe(1)
  })

  test('is a typed error where there is no IndexedDB', async () => {
    remove()
    for (const failed of await failures(webStore())) expect(failed).toMatch(/^store_failed: /)
  })
})
