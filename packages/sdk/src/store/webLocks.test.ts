import { afterEach, expect, test, vi } from 'vitest'
import { webLocks } from './webLocks'

afterEach(() => vi.unstubAllGlobals())

/** As much of Web Locks as is used: what is requested is held for as long as its callback's promise. */
function stubLocks() {
  const held = new Set<string>()
  let refusal: Error | undefined
  const locks = {
    request: async (name: string, callback: () => Promise<unknown>) => {
      if (refusal) throw refusal
      if (held.has(name)) return new Promise(() => {})
      held.add(name)
      await callback()
      held.delete(name)
    },
    query: async () => (held.size > 0 ? { held: [...held].map((name) => ({ name })) } : {}),
  }
  vi.stubGlobal('navigator', { locks })
  return {
    held,
    refuse: (error: Error) => {
      refusal = error
    },
  }
}

test('a worker is there from its announcement on, at its own database alone', async () => {
  const { held } = stubLocks()
  expect(await webLocks('one')?.isThere('w')).toBe(false)
  const locks = webLocks('one')
  await locks?.announce('w')
  expect(await webLocks('one')?.isThere('w')).toBe(true)
  expect(await webLocks('one')?.isThere('v')).toBe(false)
  expect(await webLocks('two')?.isThere('w')).toBe(false)
  held.clear() // As a browser does when a page ends.
  expect(await webLocks('one')?.isThere('w')).toBe(false)
})

test('a worker may be announced again, and waits for no lock of its own', async () => {
  stubLocks()
  const locks = webLocks('one')
  await locks?.announce('w')
  await locks?.announce('w')
  expect(await locks?.isThere('w')).toBe(true)
})

test('a lock that is refused is told', async () => {
  const { refuse } = stubLocks()
  refuse(new Error('SecurityError'))
  await expect(webLocks('one')?.announce('w')).rejects.toThrow('SecurityError')
})

test.each([[undefined], [{}]])('where a page has no locks (%o) nobody is known of', (navigator) => {
  vi.stubGlobal('navigator', navigator)
  expect(webLocks('one')).toBeUndefined()
})
