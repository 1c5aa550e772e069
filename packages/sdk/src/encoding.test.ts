import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64, encodeBase64, isObject, parseObject } from './encoding'

const url = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')
const bare = (text: string) => text.replace(/=+$/, '')

describe('base64', () => {
  test('is standard, padded and of the UTF-8 bytes when written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(encodeBase64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'))
      }),
    )
  })

  test('is read in either alphabet, padded or not, with white space around it', () => {
    const withoutMark = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('\ufeff'))
    fc.assert(
      fc.property(withoutMark, (text) => {
        const padded = encodeBase64(text)
        const forms = [padded, bare(padded), url(padded), bare(url(padded)), ` ${padded}\r\n`]
        expect(forms.map(decodeBase64)).toEqual(forms.map(() => text))
      }),
    )
  })

  test.each([
    ['a lone character', 'A'],
    ['three signs of padding', 'AA==='],
    ['padding inside', 'QU=JD'],
    ['white space inside', 'QUJD QUJD'],
    ['a character of no alphabet', 'QUJD*'],
    ['two headers joined by a comma', 'QUJD, QUJD'],
    ['bytes that are not UTF-8', '/w=='],
    ['half a surrogate pair in UTF-8', btoa('\xed\xa0\x80')],
  ])('%s is not read', (_, encoded) => {
    expect(decodeBase64(encoded)).toBeUndefined()
  })

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(['string', 'undefined']).toContain(typeof decodeBase64(text))
      }),
    )
  })
})

describe('a JSON object', () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const list = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`

  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (value) => {
        const text = JSON.stringify(value)
        expect(parseObject(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test.each(['', '1', 'null', '"text"', '[]', '[{}]', '{', '{"a":1}}', '\u0000'])(
    'is not %j',
    (text) => {
      expect(parseObject(text)).toBeUndefined()
    },
  )

  test('of no text at all is none', () => {
    expect(parseObject(undefined)).toBeUndefined()
  })

  test.each([
    ['objects', nested],
    ['lists', list],
  ])('is read down to sixteen %s in each other, and no deeper', (_, make) => {
    expect(parseObject(make(16))).toBeDefined()
    expect(parseObject(make(17))).toBeUndefined()
    expect(parseObject(make(50_000))).toBeUndefined()
  })

  test('cannot reach the prototype of other objects', () => {
    const value = parseObject('{"__proto__":{"polluted":true},"constructor":1}')
    expect(Object.hasOwn(value ?? {}, '__proto__')).toBe(true)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  test('is neither a list, nor a scalar, nor nothing', () => {
    expect([{}, { a: 1 }].map(isObject)).toEqual([true, true])
    expect([[], null, undefined, 1, 'a', true].map(isObject)).toEqual(Array(6).fill(false))
  })
})
