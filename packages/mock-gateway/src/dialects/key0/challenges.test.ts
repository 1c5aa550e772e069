import { expect, test } from 'vitest'
import { createClock } from '../../clock'
import type { ChallengeState } from './Challenge'
import { createChallenges } from './challenges'

const HOUR = 3_600_000
const terms = (requestId: string, challengeId = `http-${requestId}`) => ({
  challengeId,
  requestId,
  offering: { kind: 'plan', id: 'basic' } as const,
  resourceId: 'default',
  amount: 100_000n,
})

function book(history = 10) {
  const clock = createClock(() => 1_000_000, 0)
  return { clock, challenges: createChallenges(clock, history) }
}

const STATES: readonly ChallengeState[] = [
  'PENDING',
  'PAID',
  'DELIVERED',
  'EXPIRED',
  'CANCELLED',
  'REFUND_PENDING',
  'REFUNDED',
  'REFUND_FAILED',
]
/** The way to each state from the start. */
const WAYS: Readonly<Record<ChallengeState, readonly ChallengeState[]>> = {
  PENDING: [],
  PAID: ['PAID'],
  DELIVERED: ['PAID', 'DELIVERED'],
  EXPIRED: ['EXPIRED'],
  CANCELLED: ['CANCELLED'],
  REFUND_PENDING: ['PAID', 'REFUND_PENDING'],
  REFUNDED: ['PAID', 'REFUND_PENDING', 'REFUNDED'],
  REFUND_FAILED: ['PAID', 'REFUND_PENDING', 'REFUND_FAILED'],
}
const STEPS = new Set([
  'PENDING PAID',
  'PENDING EXPIRED',
  'PENDING CANCELLED',
  'PAID PAID',
  'PAID PENDING',
  'PAID DELIVERED',
  'PAID REFUND_PENDING',
  'REFUND_PENDING REFUNDED',
  'REFUND_PENDING REFUND_FAILED',
])

test.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))(
  'a challenge goes from %s to %s only where the protocol says so',
  (from, to) => {
    const { challenges } = book()
    challenges.open(terms('a'))
    let state: ChallengeState = 'PENDING'
    for (const next of WAYS[from]) {
      expect(challenges.move('http-a', state, next, 'on the way')?.state).toBe(next)
      state = next
    }
    const go = () => challenges.move('http-a', from, to, 'tried')
    if (STEPS.has(`${from} ${to}`)) expect(go()?.state).toBe(to)
    else expect(go).toThrow(`no challenge goes from ${from} to ${to}`)
  },
)

test('of two steps from one state only the first is taken, and the log has it alone', () => {
  const { challenges, clock } = book()
  challenges.open(terms('a'))
  clock.advance(5)
  expect(challenges.move('http-a', 'PENDING', 'PAID', 'settled')?.state).toBe('PAID')
  expect(challenges.move('http-a', 'PENDING', 'CANCELLED', 'too late')).toBeUndefined()
  expect(challenges.find('http-a')?.log).toEqual([
    { from: undefined, to: 'PENDING', reason: 'asked for', at: 1_000_000 },
    { from: 'PENDING', to: 'PAID', reason: 'settled', at: 1_000_005 },
  ])
})

test('a requestId leads to its latest challenge, for 7 days, or 12 hours once it was delivered', () => {
  const { challenges, clock } = book()
  challenges.open(terms('a', 'first'))
  challenges.open(terms('a', 'second'))
  expect(challenges.ofRequest('a')?.challengeId).toBe('second')
  clock.advance(7 * 24 * HOUR - 1)
  expect(challenges.ofRequest('a')?.challengeId).toBe('second')
  clock.advance(1)
  expect(challenges.ofRequest('a')).toBeUndefined()

  challenges.open(terms('b'))
  challenges.move('http-b', 'PENDING', 'PAID', 'settled')
  challenges.move('http-b', 'PAID', 'DELIVERED', 'handed out')
  clock.advance(12 * HOUR - 1)
  expect(challenges.ofRequest('b')?.state).toBe('DELIVERED')
  clock.advance(1)
  expect(challenges.ofRequest('b')).toBeUndefined()
})

test('a transaction pays one challenge in 7 days', () => {
  const { challenges, clock } = book()
  expect(challenges.redeem('0x1')).toBe('new')
  expect(challenges.redeem('0x1')).toBe('seen')
  clock.advance(7 * 24 * HOUR)
  expect(challenges.redeem('0x1')).toBe('new')
})

test('the book keeps the latest, and forgets a requestId with the challenge it led to', () => {
  const { challenges } = book(2)
  challenges.open(terms('a', 'old'))
  challenges.open(terms('a', 'new'))
  challenges.open(terms('b'))
  expect(challenges.list().map(({ challengeId }) => challengeId)).toEqual(['new', 'http-b'])
  expect(challenges.ofRequest('a')?.challengeId).toBe('new')
  challenges.open(terms('c'))
  expect(challenges.ofRequest('a')).toBeUndefined()
})

test('a book that was saved and loaded knows what it knew', () => {
  const { challenges } = book()
  challenges.open(terms('a'))
  challenges.redeem('0x1')
  const again = book().challenges
  again.load(challenges.save())
  expect(again.ofRequest('a')).toEqual(challenges.ofRequest('a'))
  expect(again.redeem('0x1')).toBe('seen')
  again.reset()
  expect([again.list(), again.ofRequest('a'), again.redeem('0x1')]).toEqual([[], undefined, 'new'])
})
