import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryStore } from './memory'
import type { Json } from './Store'

const count = (value: Json | undefined) => (typeof value === 'number' ? value : 0)

describe('the store in memory', () => {
  test('says that it forgets when the process ends', () => {
    expect(memoryStore().durable).toBe(false)
  })

  test('has nothing under a key that was never written', async () => {
    expect(await memoryStore().get('a')).toBeUndefined()
    expect(await memoryStore().list('')).toEqual([])
  })

  test('gives a change what stands, and resolves to what then stands', async () => {
    const store = memoryStore()
    expect(await store.update('a', (current) => [current ?? 'nothing'])).toEqual(['nothing'])
    expect(await store.update('a', (current) => ({ was: current ?? null }))).toEqual({
      was: ['nothing'],
    })
    expect(await store.get('a')).toEqual({ was: ['nothing'] })
  })

  test('deletes what is changed to undefined', async () => {
    const store = memoryStore()
    await store.update('a', () => 1)
    expect(await store.update('a', () => undefined)).toBeUndefined()
    expect(await store.list('')).toEqual([])
  })

  test('leaves things alone where the change gives back what stood', async () => {
    const store = memoryStore()
    const value = { a: 1 }
    await store.update('a', () => value)
    expect(await store.update('a', (current) => current)).toBe(value)
    expect(await store.update('b', (current) => current)).toBeUndefined()
    expect(await store.list('')).toHaveLength(1)
  })

  test('writes nothing where the change throws', async () => {
    const store = memoryStore()
    await store.update('a', () => 1)
    const refused = new Error('refused')
    const update = store.update('a', () => {
      throw refused
    })
    await expect(update).rejects.toBe(refused)
    expect(await store.get('a')).toBe(1)
  })

  test('loses no change however many run at once', async () => {
    const store = memoryStore()
    const add = () => store.update('a', (current) => count(current) + 1)
    const seen = await Promise.all(Array.from({ length: 1_000 }, add))
    expect(await store.get('a')).toBe(1_000)
    expect(new Set(seen).size).toBe(1_000)
  })

  test('lists the keys of a prefix, in their order', async () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key), key, async (keys, prefix) => {
        const store = memoryStore()
        for (const name of keys) await store.update(name, () => `of ${name}`)
        const expected = keys.filter((name) => name.startsWith(prefix)).sort()
        expect(await store.list(prefix)).toEqual(expected.map((name) => [name, `of ${name}`]))
      }),
    )
  })

  test('shares nothing with another', async () => {
    await memoryStore().update('a', () => 1)
    expect(await memoryStore().get('a')).toBeUndefined()
  })

  test('takes any key, such as one that every object has', async () => {
    const store = memoryStore()
    expect(await store.get('__proto__')).toBeUndefined()
    expect(await store.update('constructor', (current) => current ?? 1)).toBe(1)
  })
})
