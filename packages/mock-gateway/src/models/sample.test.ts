import { expect, test } from 'vitest'
import { sampleOf } from './sample'

const tree = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
}

test.each<[string, unknown, unknown]>([
  ['a string', { type: 'string' }, 'hello'],
  ['nothing', {}, 'hello'],
  ['a string or null', { type: ['null', 'string'] }, 'hello'],
  ['a type of Gemini', { type: 'INTEGER' }, 1],
  ['a number from five on', { type: 'number', minimum: 5 }, 5],
  ['a boolean', { type: 'boolean' }, true],
  ['null', { type: 'null' }, null],
  ['a choice', { type: 'string', enum: ['b', 'a'] }, 'b'],
  ['a constant', { const: 7 }, 7],
  ['a default', { type: 'string', default: 'd' }, 'd'],
  ['a list', { type: 'array', items: { type: 'integer' } }, [1]],
  ['a list of anything', { type: 'array' }, []],
  ['one of two', { anyOf: [{ type: 'boolean' }, { type: 'string' }] }, true],
  ['an object without properties', { type: 'object' }, {}],
  [
    'an object that requires some of its properties',
    { properties: { a: { type: 'string' }, b: { type: 'boolean' } }, required: ['b'] },
    { b: true },
  ],
  [
    'an object that refers to a definition',
    { type: 'object', properties: { a: { $ref: '#/$defs/x~1y' } }, $defs: { 'x/y': { const: 2 } } },
    { a: 2 },
  ],
])('the sample of %s', (_, schema, sample) => {
  expect(sampleOf(schema, 'hello')).toEqual(sample)
})

test('no schema at all has an empty object as its sample', () => {
  expect(sampleOf(undefined, 'hello')).toEqual({})
})

test('a schema that contains itself has a sample that ends', () => {
  expect(JSON.stringify(sampleOf(tree, 'x')).length).toBeLessThan(1000)
})
