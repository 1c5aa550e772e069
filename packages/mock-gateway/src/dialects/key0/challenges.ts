import type { GatewayClock } from '../../clock'
import { createHistory } from '../../history'
import type { Challenge, ChallengeState } from './Challenge'

/** Seconds for which a challenge can be paid. */
export const CHALLENGE_TTL = 900
const HOUR = 3_600_000
/** How long a record is kept, how long once it was delivered, and how long a transaction is known. */
const KEPT = { record: 7 * 24 * HOUR, delivered: 12 * HOUR, transaction: 7 * 24 * HOUR } as const

/** Which state can follow which. */
const NEXT: Readonly<Record<ChallengeState, readonly ChallengeState[]>> = {
  PENDING: ['PAID', 'EXPIRED', 'CANCELLED'],
  // To itself: a grant is put on record before it is delivered. Back: its transaction had paid another.
  PAID: ['PAID', 'DELIVERED', 'PENDING', 'REFUND_PENDING'],
  REFUND_PENDING: ['REFUNDED', 'REFUND_FAILED'],
  DELIVERED: [],
  EXPIRED: [],
  CANCELLED: [],
  REFUNDED: [],
  REFUND_FAILED: [],
}

/** What a step may add to a challenge. */
export type ChallengeChange = Partial<Pick<Challenge, 'sale' | 'paidAt' | 'delivery'>>

/** The book of challenges. */
export interface Challenges {
  /** A new one, PENDING; its requestId is its own from now on. */
  open(
    terms: Pick<Challenge, 'challengeId' | 'requestId' | 'offering' | 'resourceId' | 'amount'>,
  ): Challenge
  find(challengeId: string): Challenge | undefined
  /** The latest one of a requestId, while its record is kept. */
  ofRequest(requestId: string): Challenge | undefined
  /**
   * Takes a challenge from one state to another and logs why, unless it is in another state by now:
   * then nothing happens and the result is undefined. Throws where no such step exists.
   */
  move(
    challengeId: string,
    from: ChallengeState,
    to: ChallengeState,
    reason: string,
    change?: ChallengeChange,
  ): Challenge | undefined
  /** Puts down more about a challenge, where it stands. */
  note(challengeId: string, change: Pick<Challenge, 'refund'>): void
  /** Marks a transaction as having paid a challenge: `seen` where it has paid one before. */
  redeem(transaction: string): 'new' | 'seen'
  /** Those that are kept, oldest first. */
  list(): readonly Challenge[]
  /** Those in one state. */
  in(state: ChallengeState): readonly Challenge[]
  reset(): void
  save(): SavedChallenges
  load(saved: SavedChallenges): void
}

/** Challenges as they are kept in a file. */
export interface SavedChallenges {
  readonly challenges: readonly Challenge[]
  /** Transactions, and when each was redeemed. */
  readonly redeemed: readonly (readonly [string, number])[]
}

/** A book that keeps the last `history` challenges. */
export function createChallenges(clock: GatewayClock, history: number): Challenges {
  const challenges = new Map<string, Challenge>()
  const requests = new Map<string, string>()
  const ids = createHistory<string>(history, (id) => {
    const requestId = challenges.get(id)?.requestId ?? ''
    if (requests.get(requestId) === id) requests.delete(requestId)
    challenges.delete(id)
  })
  const redeemed = new Map<string, number>()
  const transactions = createHistory<string>(history, (hash) => redeemed.delete(hash))

  const isKept = ({ createdAt, deliveredAt }: Challenge) =>
    clock.now() <
    (deliveredAt === undefined ? createdAt + KEPT.record : deliveredAt + KEPT.delivered)

  const add = (challenge: Challenge) => {
    challenges.set(challenge.challengeId, challenge)
    ids.add(challenge.challengeId)
    requests.set(challenge.requestId, challenge.challengeId)
    return challenge
  }
  const addRedeemed = (transaction: string, at: number) => {
    redeemed.set(transaction, at)
    transactions.add(transaction)
  }
  const reset = () => {
    for (const map of [challenges, requests, redeemed]) map.clear()
    for (const list of [ids, transactions]) list.clear()
  }

  return {
    open: (terms) => {
      const createdAt = clock.now()
      return add({
        ...terms,
        state: 'PENDING',
        createdAt,
        expiresAt: createdAt + CHALLENGE_TTL * 1000,
        log: [{ from: undefined, to: 'PENDING', reason: 'asked for', at: createdAt }],
      })
    },
    find: (challengeId) => challenges.get(challengeId),
    ofRequest: (requestId) => {
      const challenge = challenges.get(requests.get(requestId) ?? '')
      return challenge && isKept(challenge) ? challenge : undefined
    },
    move: (challengeId, from, to, reason, change = {}) => {
      if (!NEXT[from].includes(to)) throw new Error(`no challenge goes from ${from} to ${to}`)
      const challenge = challenges.get(challengeId)
      if (challenge?.state !== from) return undefined
      const at = clock.now()
      const moved: Challenge = {
        ...challenge,
        ...change,
        ...(to === 'DELIVERED' ? { deliveredAt: at } : {}),
        state: to,
        log: [...challenge.log, { from, to, reason, at }],
      }
      challenges.set(challengeId, moved)
      return moved
    },
    note: (challengeId, change) => {
      const challenge = challenges.get(challengeId)
      if (challenge) challenges.set(challengeId, { ...challenge, ...change })
    },
    redeem: (transaction) => {
      const known = redeemed.get(transaction)
      if (known !== undefined && clock.now() < known + KEPT.transaction) return 'seen'
      addRedeemed(transaction, clock.now())
      return 'new'
    },
    list: () => [...challenges.values()],
    in: (wanted) => [...challenges.values()].filter(({ state }) => state === wanted),
    reset,
    save: () => ({ challenges: [...challenges.values()], redeemed: [...redeemed] }),
    load: (saved) => {
      reset()
      for (const challenge of saved.challenges) add(challenge)
      for (const [transaction, at] of saved.redeemed) addRedeemed(transaction, at)
    },
  }
}
