import type { Fate } from '../../packages/sdk/src/wallet'
import type { Paid, World } from './World'

/** A chain that takes each payment once and before it expires, and may change its mind for a while. */
export type Chain = {
  /** Takes `payment` after `delay` ms, if it can; then, once, `onTaken`. */
  readonly submit: (payment: Paid, delay: number, onTaken: () => void) => void
  /** What an RPC says at the last block that will not be undone. */
  readonly fate: (nonce: string, validBefore: number) => Fate
}

export function createChain(world: World): Chain {
  const { timeline, plan, chance } = world

  const take = (payment: Paid) => {
    if (payment.settledAt !== undefined) return false
    if (timeline.now() >= payment.validBefore * 1000) return false
    payment.settledAt = timeline.now()
    payment.everSettled = true
    world.count('settled on chain')
    world.log(() => `   chain takes ${payment.nonce}`)
    mayUndo(payment)
    return true
  }

  const mayUndo = (payment: Paid) => {
    if (plan.chain.lag === 0 || !world.goesWrong(plan.chain.reorgs)) return
    timeline.after(chance.between(1, plan.chain.lag - 1), () => {
      payment.settledAt = undefined
      world.count('reorg')
      world.log(() => `   reorg undoes ${payment.nonce}`)
      timeline.after(chance.between(1, 60_000), () => take(payment))
    })
  }

  return {
    submit: (payment, delay, onTaken) => {
      const act = () => {
        if (take(payment)) onTaken()
      }
      if (delay > 0) timeline.after(delay, act)
      else act()
    },
    fate: (nonce, validBefore) => {
      const seen = timeline.now() - plan.chain.lag
      const settledAt = world.payments.get(nonce)?.settledAt
      if (settledAt !== undefined && settledAt <= seen) return 'settled'
      return seen > validBefore * 1000 ? 'dead' : 'unknown'
    },
  }
}
