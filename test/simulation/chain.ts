import { encode58 } from '../../packages/x402-solana/src/base58'
import { type Paid, START, type World } from './World'

/** Chains that take each payment once and before it ends, and may change their mind for a while. */
export type Chain = {
  /** Takes `payment` after `delay` ms, if it can; then, once, `onTaken`. */
  readonly submit: (payment: Paid, delay: number, onTaken: () => void) => void
  /** Solana's block height at `at`. */
  readonly heightAt: (at: number) => number
  /** A blockhash of Solana that was the newest at `at`. */
  readonly blockhashAt: (at: number) => Blockhash
  /** A blockhash made before. */
  readonly blockhash: (text: string) => Blockhash | undefined
}

export type Blockhash = {
  readonly blockhash: string
  readonly lastValidBlockHeight: number
  /** Milliseconds since the epoch by which that height is passed. */
  readonly endsAt: number
}

const FIRST_HEIGHT = 1_000
/** Blocks for which a blockhash is good. */
const LIFETIME = 150

export function createChain(world: World): Chain {
  const { timeline, plan, chance } = world
  const { lag, reorgs, failures, blockTime } = plan.chain
  const blockhashes = new Map<number, Blockhash>()
  const byText = new Map<string, Blockhash>()

  const take = (payment: Paid) => {
    if (payment.settledAt !== undefined || payment.failedAt !== undefined) return false
    if (timeline.now() >= payment.endsAt) return false
    if (payment.holder.namespace === 'solana' && world.goesWrong(failures)) {
      payment.failedAt = timeline.now()
      world.count('failed on chain')
      world.log(() => `   chain takes ${payment.mark} with an error`)
      return false
    }
    payment.settledAt = timeline.now()
    payment.everSettled = true
    world.count('settled on chain')
    world.log(() => `   chain takes ${payment.mark}`)
    mayUndo(payment)
    return true
  }

  const mayUndo = (payment: Paid) => {
    if (lag === 0 || !world.goesWrong(reorgs)) return
    timeline.after(chance.between(1, lag - 1), () => {
      payment.settledAt = undefined
      world.count('reorg')
      world.log(() => `   reorg undoes ${payment.mark}`)
      if (chance.happens(0.3)) return world.count('reorg for good')
      timeline.after(chance.between(1, 60_000), () => take(payment))
    })
  }

  const heightAt = (at: number) => FIRST_HEIGHT + Math.floor((at - START) / blockTime)

  return {
    submit: (payment, delay, onTaken) => {
      const act = () => {
        if (take(payment)) onTaken()
      }
      if (delay > 0) timeline.after(delay, act)
      else act()
    },
    heightAt,
    blockhashAt: (at) => {
      const height = heightAt(at)
      const known = blockhashes.get(height)
      if (known) return known
      const bytes = new Uint8Array(32).fill(7)
      new DataView(bytes.buffer).setUint32(0, height)
      const blockhash = encode58(bytes)
      const lastValidBlockHeight = height + LIFETIME
      const endsAt = START + (lastValidBlockHeight + 1 - FIRST_HEIGHT) * blockTime
      const made = { blockhash, lastValidBlockHeight, endsAt }
      blockhashes.set(height, made)
      byText.set(blockhash, made)
      return made
    },
    blockhash: (text) => byText.get(text),
  }
}
