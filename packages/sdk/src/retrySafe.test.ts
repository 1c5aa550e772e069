import { expect, test } from 'vitest'
import {
  ARouterError,
  AuthenticationError,
  ConnectionError,
  PaidButFailedError,
  PaymentPolicyError,
  PaymentUnconfirmedError,
  TimeoutError,
} from './errors'
import { retrySafe } from './retrySafe'

const failing = (error: unknown) => retrySafe({ fetch: () => Promise.reject(error) })
const aborted = Object.assign(new ARouterError(0, 'aborted', 'said'), { name: 'AbortError' })

test('an answer is the answer', async () => {
  const answer = Response.json({ error: 'as it is' }, { status: 503 })
  expect(await retrySafe({ fetch: async () => answer })('/v1/models')).toBe(answer)
})

test.each([new ConnectionError('said'), new TimeoutError('said'), aborted, new TypeError('said')])(
  'what may be tried again is thrown: %s',
  async (error) => {
    await expect(failing(error)('/v1/models')).rejects.toBe(error)
  },
)

test.each([
  [402, new ConnectionError('said', { fundsMoved: 'maybe' })],
  [402, new TimeoutError('said', { fundsMoved: 'maybe' })],
  [402, new PaymentUnconfirmedError('said')],
  [402, new PaidButFailedError(503, 'said')],
  [402, new PaidButFailedError(429, 'said')],
  [402, new PaymentPolicyError('approval_denied', 'said')],
  [401, new AuthenticationError('said')],
  [400, new ARouterError(0, 'wallet_failed', 'said')],
  [400, new ARouterError(503, 'sign_in_failed', 'said')],
])('what must not be tried again is an answer of status %i: %s', async (status, error) => {
  const response = await failing(error)('/v1/models')
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({
    error: {
      type: error.name,
      code: error.code,
      message: 'said',
      funds_moved: error.fundsMoved,
      context: {},
    },
  })
})

test('the id of the request is where libraries look for it', async () => {
  const error = new AuthenticationError('said', { requestId: 'req_1', context: { why: 'so' } })
  const response = await failing(error)('/v1/models')
  expect(response.headers.get('x-request-id')).toBe('req_1')
  expect(await response.json()).toMatchObject({ error: { context: { why: 'so' } } })
})
