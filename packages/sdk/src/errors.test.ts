import { describe, expect, test, vi } from 'vitest'
import {
  ARouterError,
  AuthenticationError,
  ConnectionError,
  InsufficientCreditsError,
  isARouterError,
  PaidButFailedError,
  PaymentPolicyError,
  PaymentRejectedError,
  PaymentUnconfirmedError,
  QuotaExceededError,
  RateLimitError,
  retell,
  StreamError,
  TimeoutError,
  WalletRejectedError,
  withFunds,
} from './errors'

const cause = new Error('socket hang up')
const details = { cause, context: { attempt: 'a1' }, requestId: 'req_1' }
const errors = [
  new ARouterError(418, 'teapot', 'said', details),
  new AuthenticationError('said', details),
  new RateLimitError('said', 7, details),
  new QuotaExceededError('said', details),
  new InsufficientCreditsError('said', 'eyJ9', details),
  new PaymentPolicyError('no_acceptable_offer', 'said', details),
  new PaymentRejectedError('said', details),
  new PaymentUnconfirmedError('said', details),
  new PaidButFailedError(502, 'said', details),
  new WalletRejectedError('said', details),
  new ConnectionError('said', details),
  new TimeoutError('said', details),
  new StreamError('stream_stalled', 'said', details),
]
const facts = ({ name, statusCode, code, fundsMoved }: ARouterError) =>
  `${name} ${statusCode} ${code}, funds moved: ${fundsMoved}`

describe('an error', () => {
  test('has a name, a status, a stable code and a truth about funds', () => {
    expect(errors.map(facts)).toMatchInlineSnapshot(`
      [
        "ARouterError 418 teapot, funds moved: no",
        "AuthenticationError 401 authentication_error, funds moved: no",
        "RateLimitError 429 rate_limit_exceeded, funds moved: no",
        "QuotaExceededError 403 quota_exceeded, funds moved: no",
        "InsufficientCreditsError 402 insufficient_credits, funds moved: no",
        "PaymentPolicyError 402 no_acceptable_offer, funds moved: no",
        "PaymentRejectedError 402 payment_rejected, funds moved: maybe",
        "PaymentUnconfirmedError 0 payment_unconfirmed, funds moved: maybe",
        "PaidButFailedError 502 paid_but_failed, funds moved: yes",
        "WalletRejectedError 0 wallet_rejected, funds moved: no",
        "ConnectionError 0 connection_error, funds moved: no",
        "TimeoutError 0 timeout, funds moved: no",
        "StreamError 200 stream_stalled, funds moved: no",
      ]
    `)
  })

  test('keeps what it was given', () => {
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error)
      expect(error).toBeInstanceOf(ARouterError)
      expect(error).toMatchObject({ message: 'said', ...details })
    }
    expect(new RateLimitError('said', 7).retryAfter).toBe(7)
    expect(new InsufficientCreditsError('said', 'eyJ9').paymentRequired).toBe('eyJ9')
  })

  test('without details has an empty context and no cause', () => {
    const bare = new ARouterError(0, 'code', 'said')
    expect(bare).toMatchObject({ context: {}, requestId: undefined, fundsMoved: 'no' })
    expect('cause' in bare).toBe(false)
  })

  test('made without a message has one of its own', () => {
    const own = [
      new AuthenticationError(),
      new RateLimitError(),
      new QuotaExceededError(),
      new InsufficientCreditsError(),
    ]
    expect(own.map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "The gateway did not accept the credentials.",
        "Too many requests.",
        "The quota of this API key is used up.",
        "Out of credits.",
      ]
    `)
  })
})

describe('the guard', () => {
  test('knows every error of this package, by its code too', () => {
    for (const error of errors) {
      expect(isARouterError(error)).toBe(true)
      expect(isARouterError(error, error.code)).toBe(true)
      expect(isARouterError(error, 'another_code')).toBe(false)
    }
  })

  test('knows the errors of another copy of the package, which instanceof does not', async () => {
    vi.resetModules()
    const copy = await import('./errors')
    const foreign = new copy.TimeoutError('said')
    expect(foreign).not.toBeInstanceOf(ARouterError)
    expect(isARouterError(foreign)).toBe(true)
    expect(isARouterError(foreign, 'timeout')).toBe(true)
    expect(copy.isARouterError(new TimeoutError('said'), 'timeout')).toBe(true)
  })

  test.each([undefined, null, 'timeout', 0, {}, { code: 'timeout' }, new Error('timeout')])(
    'does not take %s for one',
    (value) => {
      expect(isARouterError(value)).toBe(false)
      expect(isARouterError(value, 'timeout')).toBe(false)
    },
  )

  test('is not fooled by a copy of the fields, such as JSON makes', () => {
    expect(isARouterError(JSON.parse(JSON.stringify(errors[0])))).toBe(false)
  })
})

describe('an error told again', () => {
  test('is another object of the same class that says the same', () => {
    for (const error of errors) {
      const again = retell(error)
      expect(again).not.toBe(error)
      expect(again.constructor).toBe(error.constructor)
      expect(facts(again)).toBe(facts(error))
      expect({ ...again }).toEqual({ ...error })
      expect(again).toMatchObject({ message: 'said', ...details })
      expect(isARouterError(again, error.code)).toBe(true)
    }
  })

  test('does not share what is put on it later', () => {
    const error = new TimeoutError('said')
    const [one, two] = [retell(error), retell(error)]
    Object.assign(one, { seenBy: 'one caller' })
    expect('seenBy' in two).toBe(false)
    expect('seenBy' in error).toBe(false)
  })

  test('keeps a name that was given to it, such as AbortError', () => {
    const error = new ARouterError(0, 'aborted', 'said')
    error.name = 'AbortError'
    expect(retell(error).name).toBe('AbortError')
  })

  test('with another truth about funds says so, and keeps everything else', () => {
    const error = new RateLimitError('Too many. Funds moved: no, not by this. Wait.', 7, details)
    const told = withFunds(error, 'maybe', 'Try again.')
    expect(told).not.toBe(error)
    expect(told).toBeInstanceOf(RateLimitError)
    expect(told).toMatchObject({
      ...details,
      statusCode: 429,
      code: 'rate_limit_exceeded',
      retryAfter: 7,
      fundsMoved: 'maybe',
      message: 'Too many. Funds moved: maybe. Try again.',
    })
    expect(error).toMatchObject({ fundsMoved: 'no' })
  })
})
