import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64 } from '../encoding'
import { isARouterError, PaymentPolicyError } from '../errors'
import { decodeBody, decodeHeader } from './requirements'

const offer = {
  scheme: 'exact',
  network: 'eip155:8453',
  amount: '1000000',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  payTo: '0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359',
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}
const { amount, ...unpriced } = offer
const offerV1 = {
  ...unpriced,
  network: 'base',
  maxAmountRequired: amount,
  resource: 'https://gateway.example/v1/chat',
  description: '',
  mimeType: '',
}
const required = {
  x402Version: 2,
  error: 'Payment required',
  resource: { url: 'https://gateway.example/v1/chat', description: '', mimeType: '' },
  accepts: [offer],
}
const requiredV1 = { x402Version: 1, error: 'Payment required', accepts: [offerV1] }

const read = (header: string) => decodeHeader(new Headers({ 'payment-required': header }))
const readValue = (value: unknown) => read(encodeBase64(JSON.stringify(value)))
const readOffer = (change: object) => readValue({ ...required, accepts: [{ ...offer, ...change }] })

function thrown(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

function expectRefusal(act: () => unknown) {
  const error = thrown(act)
  expect(error).toBeInstanceOf(PaymentPolicyError)
  expect(error).toMatchObject({ code: 'invalid_payment_required', fundsMoved: 'no' })
}

describe('a 402', () => {
  test('of x402 v2 is read from its header', () => {
    expect(readValue(required)).toEqual({
      x402Version: 2,
      error: 'Payment required',
      resource: required.resource,
      resourceUrls: ['https://gateway.example/v1/chat'],
      extensions: {},
      offers: [{ ...offer, amount: 1_000_000n, raw: offer }],
      malformed: [],
    })
  })

  test('of x402 v1 is read from its body, and its networks by their CAIP-2 ids', () => {
    const { amount: _, ...rest } = { ...offer, amount: undefined }
    expect(decodeBody(requiredV1)).toEqual({
      x402Version: 1,
      error: 'Payment required',
      resource: undefined,
      resourceUrls: ['https://gateway.example/v1/chat'],
      extensions: {},
      offers: [{ ...rest, amount: 1_000_000n, raw: offerV1 }],
      malformed: [],
    })
    const networks = ['base', 'base-sepolia', 'solana', 'solana-devnet', 'constructor', 'polygon']
    const accepts = networks.map((network) => ({ ...offerV1, network }))
    expect(decodeBody({ ...requiredV1, accepts })?.offers.map(({ network }) => network)).toEqual([
      'eip155:8453',
      'eip155:84532',
      'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
      'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
      'constructor',
      'polygon',
    ])
  })

  test('of x402 v2 is read from its body too, and a body that is no x402 is none', () => {
    expect(decodeBody(required)).toEqual(readValue(required))
    for (const body of [undefined, null, 5, 'x', [], {}, { error: 'out of credits' }]) {
      expect(decodeBody(body)).toBeUndefined()
    }
  })

  test('without the header is none', () => {
    expect(decodeHeader(new Headers())).toBeUndefined()
  })

  test('does not mix its versions: the names of v1 mean nothing in v2, nor those of v2 in v1', () => {
    expect(readOffer({ network: 'base' })?.offers[0]?.network).toBe('base')
    expect(readValue({ ...required, accepts: [offerV1] })?.offers).toEqual([])
    expect(decodeBody({ ...requiredV1, accepts: [offer] })?.offers).toEqual([])
  })

  test('is the same in base64 and base64url, padded or not', () => {
    const text = JSON.stringify({ ...required, note: '>>>???÷÷' })
    const standard = Buffer.from(text).toString('base64')
    expect(standard).toMatch(/[+/]/)
    const forms = [
      standard,
      standard.replace(/=+$/, ''),
      Buffer.from(text).toString('base64url'),
      standard.replaceAll('+', '-').replaceAll('/', '_'),
    ]
    const [first, ...others] = forms.map(read)
    expect(first?.offers).toHaveLength(1)
    for (const other of others) expect(other).toEqual(first)
  })

  test.each([
    ['no base64', '{"x402Version":2}'],
    ['empty', ''],
    ['no JSON', encodeBase64('x402')],
    ['JSON cut short', encodeBase64(JSON.stringify(required)).slice(0, 200)],
    ['two headers in one', `${encodeBase64(JSON.stringify(required))}, e30=`],
    ['no UTF-8', btoa('{"\xff":1}')],
  ])('whose header is %s is refused', (_, header) => {
    expectRefusal(() => read(header))
  })

  test.each([
    [],
    null,
    5,
    'x',
    {},
    { ...required, x402Version: '2' },
    { ...required, x402Version: 3 },
    { ...required, x402Version: [2] },
    { ...required, accepts: undefined },
    { ...required, accepts: null },
    { ...required, accepts: offer },
    { ...required, accepts: 'exact' },
    { ...required, accepts: { length: 1, 0: offer } },
    { ...required, resource: 'https://gateway.example/v1/chat' },
    { ...required, resource: null },
    { ...required, resource: [] },
    { ...required, resource: { url: 5 } },
    { ...required, resource: { url: ['https://gateway.example'] } },
    { ...required, resource: { url: null } },
    { ...requiredV1, accepts: [{ ...offerV1, resource: 5 }] },
    { ...requiredV1, accepts: [{ ...offerV1, resource: false }] },
    { ...requiredV1, accepts: [{ ...offerV1, resource: null }, 'no offer'] },
  ])('that is not of the form of x402 is refused: %#', (value) => {
    expectRefusal(() => readValue(value))
  })

  test('may have sixteen offers and not one more', () => {
    const offers = (count: number) => ({ ...required, accepts: Array(count).fill(offer) })
    expect(readValue(offers(0))?.offers).toHaveLength(0)
    const small = { ...offer, extra: {} }
    expect(readValue({ ...required, accepts: Array(16).fill(small) })?.offers).toHaveLength(16)
    expectRefusal(() => readValue({ ...required, accepts: Array(17).fill(small) }))
    expectRefusal(() => decodeBody(offers(10_000)))
    expectRefusal(() => readValue({ ...required, accepts: Array(17).fill(null) }))
  })

  test('may be 16 KiB long and sixteen levels deep, and not much more', () => {
    const padded = (length: number) => readValue({ ...required, pad: 'x'.repeat(length) })
    expect(padded(15_000)?.offers).toHaveLength(1)
    expectRefusal(() => padded(16_384))
    expectRefusal(() => padded(1_000_000))
    const deep = (depth: number) => {
      const text = JSON.stringify(required).slice(0, -1)
      return read(encodeBase64(`${text},"pad":${'['.repeat(depth)}${']'.repeat(depth)}}`))
    }
    expect(deep(15)?.offers).toHaveLength(1)
    expectRefusal(() => deep(16))
    expectRefusal(() => deep(6_000))
  })

  test('that cannot be read says why, and that nothing was signed', () => {
    const refused = [
      () => read('x'),
      () => readValue({}),
      () => readValue({ x402Version: 2 }),
      () => readValue({ ...required, accepts: Array(17).fill(null) }),
      () => readValue({ ...required, resource: 5 }),
      () => readValue({ ...required, resource: { url: 5 } }),
    ].map((act) => String(thrown(act)))
    expect(refused).toMatchInlineSnapshot(`
      [
        "PaymentPolicyError: The gateway's 402 cannot be read: its PAYMENT-REQUIRED header is not base64 of a JSON object, or too large. Funds moved: no, nothing was signed.",
        "PaymentPolicyError: The gateway's 402 cannot be read: its x402Version is neither 1 nor 2. Funds moved: no, nothing was signed.",
        "PaymentPolicyError: The gateway's 402 cannot be read: it has no list of offers. Funds moved: no, nothing was signed.",
        "PaymentPolicyError: The gateway's 402 cannot be read: it has more than 16 offers. Funds moved: no, nothing was signed.",
        "PaymentPolicyError: The gateway's 402 cannot be read: its resource is no object. Funds moved: no, nothing was signed.",
        "PaymentPolicyError: The gateway's 402 cannot be read: its resource URL is no string. Funds moved: no, nothing was signed.",
      ]
    `)
  })
})

describe('an offer', () => {
  test.each([
    { scheme: 5 },
    { scheme: undefined },
    { network: 8453 },
    { network: null },
    { amount: 1_000_000 },
    { amount: ['1000000'] },
    { amount: '0' },
    { amount: '-1' },
    { amount: '+1' },
    { amount: '01' },
    { amount: '1.0' },
    { amount: '0.5' },
    { amount: '1e9' },
    { amount: '0x3B9ACA00' },
    { amount: ' 1' },
    { amount: '1\n' },
    { amount: '١' },
    { amount: '' },
    { amount: '1'.repeat(79) },
    { amount: null },
    { amount: { valueOf: '1' } },
    { amount: true },
    { amount: undefined },
    { asset: undefined },
    { asset: ['0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'] },
    { payTo: undefined },
    { payTo: {} },
    { maxTimeoutSeconds: undefined },
    { maxTimeoutSeconds: '60' },
    { maxTimeoutSeconds: [60] },
    { maxTimeoutSeconds: 0 },
    { maxTimeoutSeconds: -1_000 },
    { maxTimeoutSeconds: 60.5 },
    { maxTimeoutSeconds: 3_601 },
    { maxTimeoutSeconds: 315_360_000 },
    { maxTimeoutSeconds: true },
    { extra: 'name' },
    { extra: [] },
    { extra: 5 },
  ])('with %j is left out, with the reason', (change) => {
    const found = readOffer(change)
    expect(found?.offers).toEqual([])
    expect(found?.malformed).toHaveLength(1)
  })

  test.each([null, 5, 'exact', [], [offer], true])('that is %j is left out', (entry) => {
    const found = readValue({ ...required, accepts: [entry, offer] })
    expect(found?.offers).toHaveLength(1)
    expect(found?.malformed).toEqual(['an offer is no object'])
  })

  test('with 1e999 for a time is left out: infinity is no integer', () => {
    const text = JSON.stringify(required).replace(':60,', ':1e999,')
    expect(read(encodeBase64(text))?.malformed).toEqual(['maxTimeoutSeconds is no integer'])
  })

  test('of any positive whole amount keeps it to the unit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 78n - 1n }), (units) => {
        expect(readOffer({ amount: units.toString() })?.offers[0]?.amount).toBe(units)
      }),
    )
  })

  test('is echoed as it came, with what we do not know', () => {
    const found = readOffer({ extra: { odd: [1, null] }, novel: { a: 1 } })
    expect(found?.offers[0]?.raw).toEqual({ ...offer, extra: { odd: [1, null] }, novel: { a: 1 } })
  })

  test('cannot reach the prototype of other objects', () => {
    const text = JSON.stringify(required).replace('"extra":{', '"extra":{"__proto__":{"bad":1},')
    expect(read(encodeBase64(text))?.offers).toHaveLength(1)
    expect(Reflect.get({}, 'bad')).toBeUndefined()
  })
})

// Terms that are nearly right: any value, or the right one, in any place.
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('1000000', 60, '60', 1e300, -0, '', 'exact', '__proto__', '0x00'),
)
const near = <T extends object>(right: T) =>
  fc
    .record(
      Object.fromEntries(
        Object.entries(right).map(([key, value]) => [
          key,
          fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, odd),
        ]),
      ),
      { requiredKeys: [] },
    )
    .chain((known) =>
      fc.dictionary(fc.string(), odd, { maxKeys: 2 }).map((more) => ({ ...more, ...known })),
    )
const accepts = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.oneof(near(offer), near(offerV1), odd), { maxLength: 18 }) },
  odd,
)
const terms = fc
  .tuple(near(required), near(requiredV1), accepts, fc.boolean())
  .map(([v2, v1, offers, isV1]) => ({ ...(isV1 ? v1 : v2), accepts: offers }))

/** Reads terms; what is found is well formed, and what is thrown is the one typed error. */
function expectSound(decode: () => ReturnType<typeof decodeHeader>) {
  let found: ReturnType<typeof decodeHeader>
  try {
    found = decode()
  } catch (error) {
    if (!isARouterError(error, 'invalid_payment_required')) throw error
    expect(error).toBeInstanceOf(PaymentPolicyError)
    return
  }
  for (const { amount: units, maxTimeoutSeconds, network, payTo } of found?.offers ?? []) {
    expect(units > 0n && Number.isInteger(maxTimeoutSeconds)).toBe(true)
    expect(maxTimeoutSeconds >= 1 && maxTimeoutSeconds <= 3_600).toBe(true)
    expect([typeof network, typeof payTo]).toEqual(['string', 'string'])
  }
}

describe('whatever a gateway asks for', () => {
  test('is well formed, left out with a reason, or refused with the one typed error', () => {
    fc.assert(
      fc.property(terms, (value) => {
        expectSound(() => readValue(value))
        expectSound(() => decodeBody(value))
        const entries = Array.isArray(value.accepts) ? value.accepts.length : 0
        const found = thrown(() => decodeBody(value))
        if (found !== undefined && !isARouterError(found)) {
          const read = decodeBody(value)
          expect((read?.offers.length ?? 0) + (read?.malformed.length ?? 0)).toBe(entries)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('may be cut, repeated and changed in any byte', () => {
    const good = encodeBase64(JSON.stringify(required))
    const change = fc.record({
      at: fc.nat(good.length),
      remove: fc.nat(4),
      insert: fc.string({ unit: 'grapheme-ascii', maxLength: 4 }),
    })
    const isSendable = (header: string) => /^[\t\x20-\x7e]*$/.test(header)
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const header = changes.reduce(
          (text, { at, remove, insert }) => text.slice(0, at) + insert + text.slice(at + remove),
          good,
        )
        fc.pre(isSendable(header))
        expectSound(() => read(header))
      }),
      { numRuns: 1_000 },
    )
  })

  test('may be changed in any character of its JSON', () => {
    const good = JSON.stringify(required)
    const marks = fc.constantFrom(...'{}[]",:-+.eE0123456789x \\u', 'null', 'true', '""', '1e999')
    fc.assert(
      fc.property(fc.nat(good.length - 1), marks, (at, mark) => {
        expectSound(() => read(encodeBase64(good.slice(0, at) + mark + good.slice(at + 1))))
      }),
      { numRuns: 1_000 },
    )
  })

  test('may be any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expectSound(() => read(Buffer.from(bytes).toString('base64')))
        expectSound(() => decodeBody(bytes))
      }),
    )
  })
})
