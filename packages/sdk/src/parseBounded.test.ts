import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBounded } from './parseBounded'

/** Levels of a value: an object or array without members has one. */
function levels(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(levels))
}

test('JSON is parsed up to as many levels as are asked for, whatever its strings hold', () => {
  const odd = fc.oneof(fc.string(), fc.constantFrom('[[[[', '"', '\\', '\\"{', ']}', '{"a":'))
  const { value: values } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 9, withCrossShrink: true },
      odd,
      fc.integer(),
      fc.array(tie('value')),
      fc.dictionary(odd, tie('value')),
    ),
  }))
  fc.assert(
    fc.property(values, fc.nat(8), (value, most) => {
      const text = JSON.stringify(value)
      // Read again: a member named __proto__ is one only then.
      const parsed: unknown = JSON.parse(text)
      const parse = () => parseBounded(text, most)
      if (levels(parsed) > most) expect(parse).toThrow(RangeError)
      else expect(parse()).toEqual(parsed)
    }),
    { numRuns: 2_000 },
  )
})

test('256 levels are parsed, and not one more', () => {
  const nested = (depth: number) => `${'{"a":['.repeat(depth / 2)}${']}'.repeat(depth / 2)}`
  expect(levels(parseBounded(nested(256)))).toBe(256)
  expect(() => parseBounded(nested(258))).toThrow('nested too deeply')
  const wide = JSON.stringify({ data: Array.from({ length: 5_000 }, () => [{}]) })
  expect(JSON.stringify(parseBounded(wide))).toBe(wide)
})

test.each(['', '{', '"', '"\\', '[1}', 'x', '['.repeat(200)])('%j is no JSON', (text) => {
  expect(() => parseBounded(text)).toThrow(SyntaxError)
})
