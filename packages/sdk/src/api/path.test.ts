import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isARouterError } from '../errors'
import { encodeSegment, providerPath } from './path'

const refusal = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return error
  }
}

describe('the path of a provider', () => {
  test.each([
    ['openai', 'v1/models', '/openai/v1/models'],
    ['openai', '/v1/models?limit=2&a=../b', '/openai/v1/models?limit=2&a=../b'],
    ['google', 'models/gemini:generateContent', '/google/models/gemini:generateContent'],
    ['x-ai', 'files/a%20b.txt', '/x-ai/files/a%20b.txt'],
    ['openai', 'v1/...', '/openai/v1/...'],
  ])('of %s and %s is %s', (provider, path, expected) => {
    expect(providerPath(provider, path)).toBe(expected)
  })

  test.each([
    ['openai', '../api/v1/keys'],
    ['openai', 'v1/../../api/v1/keys'],
    ['openai', '..'],
    ['openai', './x'],
    ['openai', '%2e%2e/api/v1/keys'],
    ['openai', '%252e%252e/api'],
    ['openai', '.%2E/api'],
    ['openai', '..%2fapi'],
    ['openai', 'v1%2F..%2Fapi'],
    ['openai', '..%5capi'],
    ['openai', '..\\api'],
    ['openai', '.\t./api'],
    ['openai', '.\n./api'],
    ['openai', 'https://elsewhere.example/x'],
    ['openai', '//elsewhere.example/x'],
    ['openai', 'v1//models'],
    ['openai', 'v1/models/'],
    ['openai', ''],
    ['openai', 'v1/%'],
    ['openai', 'v1/models#x'],
    ['openai', 'v1/ü'],
    ['..', 'v1/models'],
    ['', 'v1/models'],
    ['open/ai', 'v1/models'],
    ['%2e%2e', 'v1/models'],
    ['https://elsewhere.example', 'x'],
    ['api', 'v1/keys'],
    ['API', 'v1/keys'],
    ['v1', 'chat/completions'],
  ])('is refused for %j and %j', (provider, path) => {
    const error = refusal(() => providerPath(provider, path))
    expect(isARouterError(error, 'invalid_path')).toBe(true)
  })

  test('never leads out of the provider, whatever it is made of', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5C', '%25', '%', '?', '#', '\t', ':'),
      fc.string({ maxLength: 4, unit: 'binary' }),
      fc.constantFrom('v1', 'models', 'api'),
    )
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    let passed = 0
    fc.assert(
      fc.property(text, text, (provider, path) => {
        for (const name of [provider, 'openai']) {
          const made = refusal(() => providerPath(name, path))
          if (typeof made !== 'string') {
            expect(isARouterError(made, 'invalid_path')).toBe(true)
            continue
          }
          passed += 1
          const url = new URL(`https://gateway.example/base${made}`)
          expect(url.origin).toBe('https://gateway.example')
          expect(url.pathname.startsWith(`/base/${name}/`)).toBe(true)
          expect(decodeURIComponent(url.pathname)).not.toMatch(/\/\.\.?(?:\/|$)/)
        }
      }),
      { numRuns: 2_000 },
    )
    expect(passed).toBeGreaterThan(0)
  })
})

describe('a segment', () => {
  test('carries any text', () => {
    expect(encodeSegment('a/b?c#d')).toBe('a%2Fb%3Fc%23d')
  })

  test.each(['', '.', '..'])('is not %j, which would be no segment', (text) => {
    expect(
      isARouterError(
        refusal(() => encodeSegment(text)),
        'invalid_path',
      ),
    ).toBe(true)
  })
})
