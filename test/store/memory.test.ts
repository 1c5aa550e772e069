import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../packages/sdk/src/store/memory'
import { conformance } from './conformance'

describe('the memory store', () => {
  for (const { name, run } of conformance) {
    test(name, () => {
      const store = memoryStore()
      return run(store, () => store)
    })
  }

  test('says that it forgets', () => {
    expect(memoryStore().durable).toBe(false)
  })
})
