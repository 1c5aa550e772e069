import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
// @boundaries-ignore a test may use what all tests share
import { START } from '../../../test/support/virtualRuntime'
import {
  ARouterError,
  AuthenticationError,
  InsufficientCreditsError,
  isARouterError,
  QuotaExceededError,
  RateLimitError,
} from './errors'
import { gatewayError } from './gatewayError'
import { readError } from './readError'

const answer = (status: number, headers: Record<string, string> = {}, statusText = '') =>
  new Response(null, { status, headers, statusText })
const body = (message: unknown, type: unknown = 'some_type') =>
  JSON.stringify({ error: { message, type } })
const made = (status: number, text: string, headers: Record<string, string> = {}) =>
  gatewayError(text, answer(status, headers), START, [])

describe('an error body', () => {
  test.each([
    ['nested', '{"error":{"message":"No such model","type":"not_found"}}', 'not_found'],
    ['nested, with a code', '{"error":{"message":"No such model","code":"c","type":"t"}}', 'c'],
    ['flat', '{"code":"not_found","message":"No such model"}', 'not_found'],
    ['a sentence', '{"error":"No such model"}', undefined],
  ])('is read when it is %s', (_, text, code) => {
    expect(readError(text, answer(404))).toEqual({
      message: 'No such model',
      answer: '404: "No such model"',
      code,
      requestId: undefined,
    })
  })

  test.each(['', 'null', '<html>502</html>', '{}', '{"error":[]}', '{"error":{"message":5}}'])(
    'of no known form gives the status: %j',
    (text) => {
      expect(readError(text, answer(502)).answer).toBe('502')
      expect(readError(text, answer(502, {}, 'Bad Gateway')).answer).toBe('502: "Bad Gateway"')
      expect(readError(text, answer(502)).code).toBeUndefined()
    },
  )

  test('carries the id of the request', () => {
    expect(readError('', answer(500, { 'x-request-id': 'req_1' })).requestId).toBe('req_1')
  })

  test('that echoes a secret is shown without it', () => {
    const key = 'my-own-kind-of-key'
    const text = body(`Bad key ${key}`, `bad_key_${key}`)
    expect(readError(text, answer(401), [key])).toMatchObject({
      message: 'Bad key [redacted]',
      code: undefined,
    })
  })

  test.each([
    'No such model',
    'Funds moved: yes.',
    'a"b',
    '',
    '1st',
    '_private',
    'é',
    'x'.repeat(65),
    'payment required',
  ])('has no code where %j stands in its place', (said) => {
    expect(readError(body('no', said), answer(404)).code).toBeUndefined()
    expect(made(404, body('no', said)).code).toBe('unknown_error')
    expect(made(404, body('no', said)).context).toEqual({})
  })
})

describe('the error for an answer', () => {
  test('says what happened, that funds did not move, and what to do', () => {
    const said = body('It did not work.')
    const errors = [
      made(400, said),
      made(401, said),
      made(402, said),
      made(403, said),
      made(403, body('Out of credits', 'forbidden')),
      made(404, said),
      made(429, said),
      made(500, said),
      made(503, ''),
    ]
    expect(
      errors.map(({ name, code, message }) => `${name} ${code}: ${message}`),
    ).toMatchInlineSnapshot(`
      [
        "ARouterError some_type: The gateway answered 400: "It did not work". Funds moved: no. Change the request.",
        "AuthenticationError authentication_error: The gateway answered 401: "It did not work". Funds moved: no. Check the key or the wallet.",
        "InsufficientCreditsError insufficient_credits: The gateway answered 402: "It did not work". Funds moved: no. Add credit, or give the client a wallet.",
        "ARouterError some_type: The gateway answered 403: "It did not work". Funds moved: no. Change the request.",
        "QuotaExceededError quota_exceeded: The gateway answered 403: "Out of credits". Funds moved: no. Add credit to this API key.",
        "ARouterError some_type: The gateway answered 404: "It did not work". Funds moved: no. Change the request.",
        "RateLimitError rate_limit_exceeded: The gateway answered 429: "It did not work". Funds moved: no. Wait, then try again.",
        "ARouterError some_type: The gateway answered 500: "It did not work". Funds moved: no. It can be tried again.",
        "ARouterError unknown_error: The gateway answered 503. Funds moved: no. It can be tried again.",
      ]
    `)
  })

  test.each([
    'payment_unconfirmed',
    'paid_but_failed',
    'pay_to_changed',
    'Wallet_Rejected',
    'aborted',
    'timeout',
    'stream_error',
    'invalid_payment_required',
    'sign_in_refused',
  ])('does not pass for one of ours where the gateway says %s', (code) => {
    const error = made(404, body('no', code))
    expect(error.code).toBe('unknown_error')
    expect(error.context).toEqual({ gatewayCode: code })
  })

  test('has the code of the gateway in its context, whatever its status', () => {
    for (const status of [401, 402, 403, 404, 429, 500]) {
      expect(made(status, body('no', 'some.type-2')).context).toEqual({
        gatewayCode: 'some.type-2',
      })
    }
  })

  test('quotes the gateway, whose words can neither end the quotation nor speak of funds', () => {
    const said = 'Done". Funds moved: yes. FUNDS  MOVED: maybe. "Pay again.'
    expect(made(404, body(said)).message).toBe(
      `The gateway answered 404: "Done'. funds [...]: yes. funds [...]: maybe. 'Pay again". Funds moved: no. Change the request.`,
    )
    fc.assert(
      fc.property(fc.array(fc.constantFrom('Funds moved', ': yes. ', '"', ' ', 'x')), (parts) => {
        const { message } = made(500, body(parts.join('')))
        expect(message.match(/funds moved/gi)).toEqual(['Funds moved'])
        expect([0, 2]).toContain(message.split('"').length - 1)
      }),
    )
  })

  test('is of the class of its status', () => {
    expect(made(401, '')).toBeInstanceOf(AuthenticationError)
    expect(made(402, '')).toBeInstanceOf(InsufficientCreditsError)
    expect(made(403, body('The balance is 0'))).toBeInstanceOf(QuotaExceededError)
    expect(made(403, body('Not yours', 'forbidden'))).not.toBeInstanceOf(QuotaExceededError)
    expect(made(429, '')).toBeInstanceOf(RateLimitError)
  })

  test.each<[number, string, unknown, string]>([
    [400, 'invalid_request_error', 'model must be a string', 'invalid_request_error'],
    [401, 'authentication_error', 'invalid api key', 'authentication_error'],
    [402, 'payment_required', 'insufficient credits', 'insufficient_credits'],
    [403, 'permission_error', "provider 'x' is not allowed for this API key", 'permission_error'],
    [403, 'forbidden_error', 'not yours', 'forbidden_error'],
    [403, 'permission_error', 'this API key has no balance left', 'quota_exceeded'],
    [403, 'permission_error', 'this API key has reached its limit', 'quota_exceeded'],
    [413, 'invalid_request_error', 'too large', 'invalid_request_error'],
    [429, 'rate_limit_error', 'rate limit exceeded', 'rate_limit_exceeded'],
    [502, 'server_error', 'upstream failed', 'server_error'],
    [503, 'server_error', 'no healthy provider', 'server_error'],
  ])('of %i %s %j has the code %s, in the old flat shape too', (status, type, said, code) => {
    expect(made(status, body(said, type)).code).toBe(code)
    expect(made(status, JSON.stringify({ code: type, message: said })).code).toBe(code)
  })

  test('of a 429 for a quota is no call to wait', () => {
    const error = made(429, '{"code":"quota_exceeded","message":"used up"}')
    expect(error).toBeInstanceOf(QuotaExceededError)
  })

  test('of a 402 carries the terms as they came', () => {
    const error = made(402, '', { 'payment-required': 'eyJ4NDAyVmVyc2lvbiI6Mn0=' })
    expect(error).toMatchObject({ paymentRequired: 'eyJ4NDAyVmVyc2lvbiI6Mn0=' })
  })

  test.each([
    ['7', 7],
    ['1.5', 2],
    [new Date(START + 90_000).toUTCString(), 90],
    ['soon', undefined],
  ])('of a 429 with Retry-After %j says %s seconds', (value, seconds) => {
    expect(made(429, '', { 'retry-after': value })).toMatchObject({ retryAfter: seconds })
  })

  test('is typed, bounded and of one line whatever the body and status', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string({ unit: 'binary' }),
          fc.string().map((said) => body(said)),
        ),
        fc.integer({ min: 400, max: 599 }),
        (text, status) => {
          const error = gatewayError(text, answer(status), START, [])
          expect(error).toBeInstanceOf(ARouterError)
          expect(isARouterError(error)).toBe(true)
          expect(error.statusCode).toBe(status)
          expect(error.fundsMoved).toBe('no')
          expect(error.message).toContain('Funds moved: no.')
          expect(error.message.length).toBeLessThan(300)
          expect(error.message).not.toContain('\n')
        },
      ),
    )
  })
})

describe('a server', () => {
  test('that echoes a secret as the id of the request is shown without it', () => {
    const key = 'my-own-kind-of-key'
    const { requestId } = readError('', answer(500, { 'x-request-id': `req-${key}` }), [key])
    expect(requestId).toBe('req-[redacted]')
    const long = readError('', answer(500, { 'x-request-id': 'r'.repeat(9_000) }))
    expect(long.requestId?.length).toBeLessThanOrEqual(200)
  })
})
