import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from './redact'

const base64url = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'ABCXYZabcxyz0189_-'),
    minLength: length,
    maxLength: length * 2,
  })

describe('server text in an error message', () => {
  test.each([
    ['a JWT', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.${'s'.repeat(43)}`],
    ['an API key', `sk-${'a1'.repeat(12)}`],
    ['a key of the gateway', `lr_${'b2'.repeat(12)}`],
    ['a private key in hex', `0x${'0f'.repeat(32)}`],
    ['a signature in hex', `0x${'1c'.repeat(65)}`],
    ['a signature in base64', `${'aB3/'.repeat(21)}aB==`],
    ['a secret key in base58', '4uZ'.repeat(29)],
  ])('has %s taken out', (_, secret) => {
    expect(redact(`you sent ${secret}, which is wrong`)).toBe('you sent [redacted], which is wrong')
  })

  test('has any JWT taken out', () => {
    fc.assert(
      fc.property(base64url(20), base64url(20), base64url(43), (head, claims, signature) => {
        const text = redact(`token ${head}.${claims}.${signature} expired`)
        for (const part of [head, claims, signature]) expect(text).not.toContain(part)
      }),
    )
  })

  test('has the secrets of the caller taken out, wherever they stand', () => {
    const secret = fc.string({
      unit: fc.constantFrom(...'GHJKLMNP$^*'),
      minLength: 4,
      maxLength: 40,
    })
    fc.assert(
      fc.property(
        secret,
        fc.array(fc.string({ maxLength: 12 }), { minLength: 2 }),
        (key, parts) => {
          expect(redact(parts.join(key), [key])).not.toContain(key)
        },
      ),
    )
  })

  test('keeps addresses, networks and plain words', () => {
    const text = `no USDC at 0x${'aB'.repeat(20)} on solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp`
    expect(redact(text)).toBe(text)
  })

  test('is one printable line of at most 200 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const clean = redact(text)
        expect(clean.length).toBeLessThanOrEqual(200)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
      }),
    )
    expect(redact(`a\r\nb\t\u0007c\u2028d`)).toBe('a b c d')
    expect(redact('x '.repeat(500))).toMatch(/^(x )+x?…$/)
  })

  test('costs the same however long it is: what comes after 1,024 characters is never looked at', () => {
    const head = '0f'.repeat(512)
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (rest) => {
        expect(redact(`${head}${rest}`)).toBe('[redacted]')
      }),
    )
  })
})

describe('a secret', () => {
  test('has a secret taken out that begins before and ends after what is looked at', () => {
    const secret = 'hunter-twenty-two'
    const text = `${'0f'.repeat(505)} ${secret}`
    expect(redact(text, [secret])).not.toContain('hunter')
  })

  test('has a secret taken out whole where another is part of it', () => {
    expect(redact('key hunter22-and-more', ['hunter22', 'hunter22-and-more'])).toBe(
      'key [redacted]',
    )
  })

  test('has parts of a long secret taken out, as far as it is quoted', () => {
    const prompt = 'My blood type is the rarest there is, and my cat is called Schrödinger'
    expect(redact(`Refused: "${prompt.slice(4, 40)}..."`, [prompt])).toBe(
      'Refused: "[redacted]..."',
    )
    expect(redact(`${prompt.slice(0, 30)} / ${prompt.slice(30)}`, [prompt])).toBe(
      '[redacted] / [redacted]',
    )
    expect(redact('My blood is up', [prompt])).toBe('My blood is up')
    const quote = fc.integer({ min: 0, max: prompt.length - 23 })
    fc.assert(
      fc.property(quote, fc.integer({ min: 23, max: 40 }), (start, length) => {
        const said = prompt.slice(start, start + length)
        expect(redact(`said: ${said}.`, [prompt])).not.toContain(said.slice(0, 12))
      }),
    )
  })

  test('that looks like what stands in its place ends the search', () => {
    for (const secret of [
      '[redacted][redacted]',
      'a[redacted]b[redacted]c',
      '[redacted] [redacted] ',
    ]) {
      expect(redact(`x${secret.repeat(9)}y`, [secret])).toContain('x')
    }
  })
})
