import type { PaymentRequirements } from '@x402/core/types'
import type { Chain } from '../chain/Chain'
import type { GatewayClock } from '../clock'
import type { Fault } from '../faults/faults'
import type { Hop } from '../faults/kinds'
import { createHistory } from '../history'
import { GatewayError } from '../http/GatewayError'
import { Unanswered } from '../http/Unanswered'
import { createLines } from '../lines'
import type { Payment } from './decodePayment'
import type { Facilitator } from './facilitator'

/** The exchange that carries a payment, as whoever settles it sees it. */
export interface Carrier {
  readonly id: string
  readonly path: string
  strike(hop: Hop): Fault | undefined
  /** Whether a fault may strike at a hop at all. */
  expects(hop: Hop): boolean
}

/** A payment on its way: who carries it, and the terms it is held to. */
export interface Presented {
  readonly payment: Payment
  readonly carrier: Carrier
  readonly requirements: PaymentRequirements
}

/** A payment that moved money. */
export interface Settlement extends Presented {
  readonly transaction: string
  /** `nobody`: a fault keeps from the payer what it was for. */
  readonly credits: 'tenant' | 'nobody'
}

/** A payment that is not taken, with the official reason. */
export interface Refusal {
  readonly kind: 'refused'
  readonly reason: string
  readonly transaction: string
}

/** The end of a payment: settled (perhaps earlier), or refused and why. */
export type Outcome<R> = { readonly kind: 'settled'; readonly record: R } | Refusal

/** Verifies and settles payments, each of them once. `R` is what is put down for one. */
export interface Settler<R> {
  /** Runs alone among those that bear the same authorization: the second sees what became of the first. */
  alone<T>(payment: Payment, run: () => Promise<T>): Promise<T>
  /** What became of a payment that was presented before; undefined for a new one. */
  recall(payment: Payment): Outcome<R> | undefined
  /** Undefined for a payment that is good. */
  verify(presented: Presented): Promise<Refusal | undefined>
  settle(presented: Presented): Promise<Outcome<R>>
  /** Puts down late settlements that have landed since. */
  collectLate(): void
  /** How often a settled signature was presented again. */
  replays(): number
  reset(): void
  /** What a file keeps: not what is held back. */
  save(): SavedSettler<R>
  load(saved: SavedSettler<R>): void
}

/** Settlements as they are kept in a file. */
export interface SavedSettler<R> {
  readonly settled: readonly (readonly [string, Settled<R>])[]
  readonly replays: number
}

/** A signature that was settled. */
export interface Settled<R> {
  readonly fingerprint: string
  readonly record: R
  /** A late settlement's receipt has not been handed out yet. */
  receiptDue: boolean
}

/** Official reason for an EIP-3009 nonce, and for a Solana message, that were settled before. */
const REPLAYED = {
  evm: 'invalid_exact_evm_nonce_already_used',
  solana: 'duplicate_settlement',
} as const

/** After how long what a reorg undid lands again. */
const AGAIN_MS = 100
/** By how many blocks what is final trails, once it does. */
const FINAL_AFTER = 32

/** Has the next transaction on a chain suffer what a fault says. */
function befall(chain: Chain, fault: Fault, clock: GatewayClock): void {
  const { node } = chain
  const { kind, after, blocks = FINAL_AFTER } = fault
  if (kind === 'settle-late') chain.holdNext(after === undefined ? undefined : clock.now() + after)
  if (kind === 'tx-replaced' && node?.replaceNext) node.replaceNext()
  else if (kind === 'tx-dropped' || kind === 'tx-replaced') node?.dropNext()
  if (kind === 'finality-late') node?.setFinality(blocks)
}

/** A settler over a facilitator and its chains, which knows the last `history` signatures. */
export function createSettler<R>(parts: {
  readonly chains: readonly Chain[]
  readonly facilitator: Facilitator
  readonly clock: GatewayClock
  readonly replay: 'reject' | 'idempotent'
  readonly history: number
  /** Puts down what moved money. */
  readonly record: (settlement: Settlement) => R
}): Settler<R> {
  const { chains, facilitator, clock, replay, history, record } = parts
  const inLine = createLines()
  const settled = new Map<string, Settled<R>>()
  // One that is forgotten is refused by the chain, where its nonce is used.
  const settledKeys = createHistory<string>(history, (key) => settled.delete(key))
  const late = new Map<string, Settlement>()
  let replays = 0

  const remember = (key: string, entry: Settled<R>) => {
    settled.set(key, entry)
    settledKeys.add(key)
  }
  const chainOf = (payment: Payment) =>
    chains.find((chain) => chain.network.id === payment.network.id)
  const again = (payment: Payment, earlier: Settled<R>): Outcome<R> => {
    if (replay === 'idempotent' || earlier.receiptDue) {
      if (!earlier.receiptDue) replays += 1
      earlier.receiptDue = false
      return { kind: 'settled', record: earlier.record }
    }
    replays += 1
    return { kind: 'refused', reason: REPLAYED[payment.kind], transaction: '' }
  }
  const collectLate = () => {
    for (const [key, settlement] of late) {
      const { payment, transaction, credits } = settlement
      if (!chainOf(payment)?.hasLanded(transaction)) continue
      late.delete(key)
      remember(key, {
        fingerprint: payment.fingerprint,
        record: record(settlement),
        receiptDue: credits === 'tenant',
      })
    }
  }
  const landForeign = async (presented: Presented) => {
    const { payment, requirements } = presented
    const verdict = await facilitator.verify(payment, requirements)
    const chain = chainOf(payment)
    if (!verdict.isValid || !chain) return
    const transaction = await chain.submitAsStranger(payment)
    record({ ...presented, transaction, credits: 'nobody' })
  }

  return {
    alone: (payment, run) => inLine(payment.key, run),
    recall: (payment) => {
      collectLate()
      const earlier = settled.get(payment.key)
      if (earlier?.fingerprint === payment.fingerprint) return again(payment, earlier)
      const waiting = late.get(payment.key)
      if (waiting?.payment.fingerprint !== payment.fingerprint) return undefined
      const { transaction } = waiting
      return { kind: 'refused', reason: 'settlement_pending', transaction }
    },
    verify: async (presented) => {
      const { payment, carrier, requirements } = presented
      if (carrier.strike('verify')) await landForeign(presented)
      const verdict = await facilitator.verify(payment, requirements)
      if (!verdict.isValid) {
        const reason = verdict.invalidReason ?? 'verification_failed'
        return { kind: 'refused', reason, transaction: '' }
      }
      const fault = carrier.strike('verified')
      if (!fault) return undefined
      if (fault.kind === 'drop-after-verify') throw new Unanswered('reset')
      throw new GatewayError(fault.status ?? 500, 'server_error', 'something went wrong')
    },
    settle: async (presented) => {
      const { payment, carrier, requirements } = presented
      const fault = carrier.strike('settle')
      const chain = chainOf(payment)
      if (fault && chain) befall(chain, fault, clock)
      const result = await facilitator.settle(payment, requirements)
      const { transaction } = result
      if (result.success) {
        const entry = record({ ...presented, transaction, credits: 'tenant' })
        const { fingerprint } = payment
        remember(payment.key, { fingerprint, record: entry, receiptDue: false })
        if (fault?.kind === 'reorg') {
          await chain?.node?.reorg(fault.blocks ?? 1, Date.now() + (fault.after ?? AGAIN_MS))
        }
        return { kind: 'settled', record: entry }
      }
      const reason = result.errorReason ?? 'settlement_failed'
      // Also without a fault: the one that was kept back may have been another's, broadcast at the same time.
      if (reason === 'settlement_pending') {
        late.set(payment.key, { ...presented, transaction, credits: fault?.credits ?? 'tenant' })
      }
      return { kind: 'refused', reason, transaction }
    },
    collectLate,
    replays: () => replays,
    reset: () => {
      settled.clear()
      settledKeys.clear()
      late.clear()
      replays = 0
    },
    save: () => ({ settled: [...settled], replays }),
    load: (saved) => {
      for (const [key, entry] of saved.settled) remember(key, { ...entry })
      replays = saved.replays
    },
  }
}
