import type { Paid, Scene } from './Scene'

type State = 'PENDING' | 'PAID' | 'DELIVERED' | 'REFUND_PENDING' | 'REFUNDED' | 'REFUND_FAILED'

/** One purchase as a Key0 seller has it on record. */
type Record = { state: State; readonly begunAt: number; paid?: Paid }

/** What comes of an order: a grant, terms, or one of Key0's refusals. */
export type Sold =
  | { readonly kind: 'grant'; readonly paid: Paid; readonly isTold: boolean }
  | { readonly kind: 'terms'; readonly error?: string }
  | {
      readonly kind: 'refusal'
      readonly status: number
      readonly code: string
      readonly isTold?: true
    }

/** The book of a Key0 seller: what became of each requestId, and of the money. */
export type Key0Book = {
  readonly sell: (requestId: string, paid: Paid | undefined) => Sold
  /** Whether the access that a payment bought is over, or there is none. */
  readonly isOver: (nonce: string) => boolean
  /** Whether what a payment bought was granted: then it is given to who asks by its requestId. */
  readonly isGranted: (nonce: string) => boolean
}

const CHALLENGE_MS = 900_000
/** When what was paid and not delivered is looked for, and how long a refund takes. */
const GRACE_MS = 300_000
const REFUND_MS = 60_000

export function createKey0Book(scene: Scene): Key0Book {
  const { plan, chance, timeline, goesWrong, settle } = scene
  const { faults, manner } = plan
  const book = new Map<string, Record>()
  const granted = new Map<string, number>()

  const refuse = (status: number, code: string, isTold?: 'told'): Sold => ({
    kind: 'refusal',
    status,
    code,
    ...(isTold && { isTold: true }),
  })

  const grant = (record: Record, paid: Paid): Sold => {
    record.state = 'DELIVERED'
    if (!granted.has(paid.nonce)) granted.set(paid.nonce, timeline.now() + plan.lasts * 1_000)
    return { kind: 'grant', paid, isTold: !goesWrong(faults / 3) }
  }

  const refund = (record: Record) => {
    if (record.state !== 'PAID') return
    record.state = 'REFUND_PENDING'
    scene.count('refund')
    timeline.after(chance.between(1, REFUND_MS), () => {
      record.state = chance.happens(0.8) ? 'REFUNDED' : 'REFUND_FAILED'
    })
  }

  return {
    sell: (requestId, paid) => {
      const now = timeline.now()
      const standing = book.get(requestId)
      const isOver = standing?.state === 'PENDING' && now - standing.begunAt > CHALLENGE_MS
      // What was not paid in time is offered anew to who asks without a payment.
      const isNew = !standing || (isOver && !paid)
      const record: Record = isNew ? { state: 'PENDING', begunAt: now } : standing
      book.set(requestId, record)
      if (record.state === 'DELIVERED' && record.paid) return grant(record, record.paid)
      if (!paid) return { kind: 'terms' }
      if (record.state.startsWith('REFUND')) return refuse(409, 'CHALLENGE_NOT_PAID')
      if (paid.settled) {
        if (manner === 'remembers' && record.paid === paid) return grant(record, paid)
        return refuse(402, 'PAYMENT_FAILED')
      }
      if (isOver) return refuse(410, 'CHALLENGE_EXPIRED')
      if (goesWrong(faults / 4)) return refuse(202, 'TX_UNCONFIRMED')
      if (goesWrong(faults / 4)) return refuse(503, 'SETTLEMENT_FAILED')
      if (!settle(paid)) return refuse(402, 'PAYMENT_FAILED')
      if (record.state !== 'PENDING') return refuse(409, 'TX_ALREADY_REDEEMED')
      Object.assign(record, { state: 'PAID', paid })
      timeline.after(GRACE_MS + chance.between(0, 60_000), () => refund(record))
      if (goesWrong(faults / 3)) {
        const isTold = chance.happens(0.5) ? 'told' : undefined
        const [status, code] = chance.pick(
          [500, 'INTERNAL_ERROR'] as const,
          [502, 'TOKEN_ISSUE_FAILED'] as const,
          [504, 'TOKEN_ISSUE_TIMEOUT'] as const,
        )
        return refuse(status, code, isTold)
      }
      return grant(record, paid)
    },
    isOver: (nonce) => (granted.get(nonce) ?? 0) <= timeline.now(),
    isGranted: (nonce) => granted.has(nonce),
  }
}
