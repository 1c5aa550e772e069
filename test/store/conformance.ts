import type { Json, Store } from '@arouter/sdk'

/** One thing every store does. It runs in Node and in a browser alike, and throws where it does not. */
export type Case = {
  readonly name: string
  /** `store` is empty; `another` opens one more store on what it holds. */
  readonly run: (store: Store, another: () => Store) => Promise<void>
}

const LONG = 'lang '.repeat(200_000)

const values: readonly Json[] = [
  null,
  false,
  true,
  0,
  -1.5,
  1e21,
  '',
  'plain',
  '"quotes" \\ and\nlines\u0000',
  'Ünïcødé 東京 😀 \ud83d',
  LONG,
  [],
  {},
  [[], {}, [null, [1, '2', { three: [] }]]],
  { nested: { deeper: { '': [true] } }, 'a/b': 'c', constructor: 1, toString: null },
]

const keys = [
  '',
  'a',
  'A',
  'a/',
  'a/b',
  'a/b*',
  'a/b?',
  'a/b/c',
  'a/bc',
  'a/*/x',
  'a/x/x',
  'a:b',
  'a[b]',
  'a\\b',
  'a\\u0062',
  'a%62',
  'a\u0000',
  'a\n',
  'a\u007f',
  'a\uffff',
  'a\uffff\uffff',
  '../a',
  '/etc',
  '{a}',
  '}a{',
  "a'; return 1 --",
  '__proto__',
  'é',
  'e\u0301',
  '😀/x',
  '\ud83d',
  '\ud83d/x',
  'need/https://api.example.com:8443/0xAbC',
  'need/https://api.example.com:8443/0xabc',
  `long/${'k'.repeat(5_000)}`,
  `long/${'k'.repeat(5_001)}`,
]

const prefixes = [
  '*',
  'a/*',
  'a/b?',
  '[a]',
  'a.',
  '.*',
  '^a',
  'need/https://',
  'b',
  '\ud83d',
  ...keys,
]

/** What a store has to do, whatever it keeps things in. */
export const conformance: readonly Case[] = [
  {
    name: 'a key that was never written has no value and is not listed',
    run: async (store) => {
      same(await store.get('a'), undefined)
      same(await store.list(''), [])
    },
  },
  {
    name: 'an update gets what stands and resolves to what stands then',
    run: async (store) => {
      const seen: (Json | undefined)[] = []
      const note = (next: Json) => (current: Json | undefined) => {
        seen.push(current)
        return next
      }
      same(await store.update('a', note({ at: 1 })), { at: 1 })
      same(await store.update('a', note({ at: 2 })), { at: 2 })
      same(await store.get('a'), { at: 2 })
      same(seen[0], undefined)
      same(seen.at(-1), { at: 1 })
    },
  },
  {
    name: 'a change that throws writes nothing, and its error comes out as it is',
    run: async (store) => {
      const thrown = new Error('refused')
      const refuse = () => {
        throw thrown
      }
      identical(await failure(store.update('a', refuse)), thrown)
      same(await store.get('a'), undefined)
      await store.update('a', () => 1)
      identical(await failure(store.update('a', refuse)), thrown)
      same(await store.get('a'), 1)
      same(await store.update('a', () => 2), 2)
    },
  },
  {
    name: 'a change that returns what it got leaves it alone',
    run: async (store) => {
      same(await store.update('a', (current) => current), undefined)
      same(await store.list(''), [])
      await store.update('a', () => ({ kept: [1] }))
      same(await store.update('a', (current) => current), { kept: [1] })
      same(await store.get('a'), { kept: [1] })
    },
  },
  {
    name: 'a change that returns undefined deletes, and the key can be written again',
    run: async (store) => {
      await store.update('a', () => 1)
      await store.update('ab', () => 2)
      same(await store.update('a', () => undefined), undefined)
      same(await store.get('a'), undefined)
      same(await store.list('a'), [['ab', 2]])
      same(await store.update('a', (current) => [current ?? 'none']), ['none'])
      same(await store.get('a'), ['none'])
      same(await store.update('b', () => undefined), undefined)
    },
  },
  {
    name: 'values of every kind come back as they were, to another store too',
    run: async (store, another) => {
      for (const [at, value] of values.entries()) {
        const key = `value/${String(at).padStart(3, '0')}`
        same(await store.update(key, () => value), value)
        same(await store.get(key), value)
      }
      const reader = another()
      const listed = await reader.list('value/')
      same(
        listed.map(([, value]) => value),
        values,
      )
      same(await reader.get('value/010'), LONG)
    },
  },
  {
    name: 'any string is a key, and keys that look alike are not one',
    run: async (store) => {
      for (const [at, key] of keys.entries()) await store.update(key, () => at)
      for (const [at, key] of keys.entries()) same(await store.get(key), at)
    },
  },
  {
    name: 'a list holds the keys that begin with the prefix, to the letter, in order',
    run: async (store) => {
      for (const [at, key] of keys.entries()) await store.update(key, () => at)
      for (const prefix of prefixes) {
        const expected = [...keys.entries()]
          .filter(([, key]) => key.startsWith(prefix))
          .map(([at, key]) => [key, at] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1))
        same(await store.list(prefix), expected)
      }
    },
  },
  {
    name: 'a list shows what stands, whoever wrote it',
    run: async (store, another) => {
      const other = another()
      for (let at = 0; at < 50; at++) await store.update(`n/${at}`, () => at)
      for (let at = 0; at < 50; at += 2) await other.update(`n/${at}`, () => undefined)
      for (let at = 1; at < 50; at += 2) await other.update(`n/${at}`, () => -at)
      const listed = await store.list('n/')
      same(listed.length, 25)
      for (const [key, value] of listed) same(value, -Number(key.slice(2)))
    },
  },
  {
    name: 'updates of one key at once through two stores are all counted',
    run: async (store, another) => {
      const stores = [store, another()]
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, at) => stores[at % 2]?.update('counter', increment)),
      )
      same(await store.get('counter'), 200)
      same(new Set(results).size, 200)
    },
  },
  {
    name: 'of many who claim a key at once one gets it, and all are told which',
    run: async (store, another) => {
      const stores = [store, another()]
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          stores[at % 2]?.update('claim', (current) => current ?? { by: at }),
        ),
      )
      const standing = await store.get('claim')
      for (const result of results) same(result, standing)
    },
  },
  {
    name: 'a key written and deleted by many at once loses no step',
    run: async (store, another) => {
      const stores = [store, another()]
      let made = 0
      await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const mine = `maker ${at}`
          const stands = await stores[at % 2]?.update('slot', (current) =>
            current === undefined ? mine : undefined,
          )
          if (stands === mine) made++
        }),
      )
      same(made, 50)
      same(await store.get('slot'), undefined)
    },
  },
]

/** One more than what stands. */
export function increment(current: Json | undefined): number {
  return typeof current === 'number' ? current + 1 : 1
}

/** What a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const done = Symbol('done')
  const outcome = await promise.then(
    () => done,
    (error: unknown) => error,
  )
  if (outcome === done) throw new Error('it did not fail')
  return outcome
}

function identical(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} is not ${String(expected)}`)
}

/** @throws Error where they are not the same JSON. */
export function same(actual: unknown, expected: unknown): void {
  const [a, b] = [written(actual), written(expected)]
  if (a !== b) throw new Error(`expected ${b.slice(0, 300)}, got ${a.slice(0, 300)}`)
}

function written(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (Array.isArray(value)) return `[${value.map(written).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${written(item)}`).join()}}`
}
