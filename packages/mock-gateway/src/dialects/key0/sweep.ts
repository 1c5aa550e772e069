import { expire } from './buy'
import type { Challenge } from './Challenge'
import type { Key0Shop } from './Key0Shop'

/** Milliseconds after a payment for which a delivery is waited for, and between two sweeps. */
const REFUND_GRACE = 300_000
const EVERY = 60_000
/** Refunds in one sweep. */
const BATCH = 50

/** The seller's round: ends what was not paid, and gives back what was paid for nothing. */
export function createSweep(shop: Key0Shop): () => Promise<void> {
  const { challenges, gateway } = shop
  const { clock, chains, faults } = gateway
  const chain = chains.find(({ network }) => network.id === shop.network.id)
  let last = clock.now()

  const isOwed = ({ state, delivery, paidAt = 0 }: Challenge) =>
    state === 'PAID' && !delivery && paidAt + REFUND_GRACE <= clock.now()
  const giveBack = async ({ challengeId, sale }: Challenge) => {
    const reason = 'nothing was delivered in time'
    if (!sale || !challenges.move(challengeId, 'PAID', 'REFUND_PENDING', reason)) return
    const fault = faults.take('key0-refund', { path: REFUND, carrying: 'nothing' })
    if (fault?.kind === 'key0-refund-held') chain?.holdNext(undefined)
    try {
      if (fault?.kind === 'key0-refund-fails') throw new Error('the seller has no gas')
      challenges.note(challengeId, { refund: await shop.till.refund(sale) })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      challenges.move(challengeId, 'REFUND_PENDING', 'REFUND_FAILED', why)
    }
  }

  const collect = () => {
    for (const { challengeId, refund = '' } of challenges.in('REFUND_PENDING')) {
      if (!chain?.hasLanded(refund)) continue
      challenges.move(challengeId, 'REFUND_PENDING', 'REFUNDED', 'the refund landed')
    }
  }

  return async () => {
    collect()
    const rounds = Math.floor((clock.now() - last) / EVERY)
    if (rounds < 1) return
    last += rounds * EVERY
    for (const challenge of challenges.in('PENDING')) {
      if (challenge.expiresAt <= clock.now()) expire(shop, challenge)
    }
    const owed = challenges.in('PAID').filter(isOwed)
    await Promise.all(owed.slice(0, rounds * BATCH).map(giveBack))
    await chain?.catchUp()
    collect()
  }
}

/** What a fault is told of where it strikes. */
const REFUND = 'refund'
