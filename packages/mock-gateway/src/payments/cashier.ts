import type { PaymentRequirements } from '@x402/core/types'
import type { Chain } from '../chain/chains'
import { isEvmChain } from '../chain/chains'
import type { GatewayClock } from '../clock'
import type { Fault } from '../faults/faults'
import type { Hop } from '../faults/kinds'
import { createHistory, type SavedHistory } from '../history'
import { Unanswered } from '../http/Unanswered'
import type { NetworkId } from '../networks'
import type { Tenant, Tenants } from '../tenants/tenants'
import type { Payment } from './decodePayment'
import type { Facilitator } from './facilitator'
import type { Terms } from './requirements'

/** A payment that moved money. */
export interface PaymentRecord {
  readonly id: string
  readonly network: NetworkId
  readonly payer: string
  /** Atomic USDC units. */
  readonly amount: bigint
  /** EIP-3009 nonce, or the Solana message in base58. */
  readonly nonce: string
  /** Transaction hash, or Solana signature. */
  readonly transaction: string
  readonly tenant: string
  /** Units credited to the tenant: the amount, or nothing when a fault kept it from it. */
  readonly credited: bigint
  /** Path of the request that carried it. */
  readonly path: string
  readonly requestId: string
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** The end of a payment: settled (perhaps earlier), or refused and why. */
export type PaymentOutcome =
  | { readonly kind: 'settled'; readonly record: PaymentRecord; readonly tenant: Tenant }
  | { readonly kind: 'refused'; readonly reason: string; readonly transaction: string }

/** The exchange that carries a payment, as the cashier sees it. */
export interface Carrier {
  readonly id: string
  readonly path: string
  strike(hop: Hop): Fault | undefined
  /** Whether a fault may strike at a hop at all. */
  expects(hop: Hop): boolean
}

/** Verifies, settles and credits payments; knows which ones it has seen. */
export interface Cashier {
  take(payment: Payment, carrier: Carrier): Promise<PaymentOutcome>
  /** Credits late settlements that have landed since. */
  collectLate(): void
  /** The latest payments, oldest first. */
  payments(): readonly PaymentRecord[]
  totals(): PaymentTotals
  reset(): void
  /** What a file keeps: not what is held back. */
  save(): SavedCashier
  load(saved: SavedCashier): void
}

/** How many payments there ever were, and what they moved in atomic units. */
export interface PaymentTotals {
  readonly payments: number
  readonly settled: bigint
  readonly credited: bigint
  /** How often a settled signature was presented again. */
  readonly replays: number
}

/** Payments as they are kept in a file. */
export interface SavedCashier {
  readonly records: SavedHistory<PaymentRecord>
  readonly settled: readonly (readonly [string, Settled])[]
  readonly totals: Omit<PaymentTotals, 'payments'>
}

interface Late {
  readonly payment: Payment
  readonly carrier: Carrier
  readonly requirements: PaymentRequirements
  readonly transaction: string
  readonly credits: 'tenant' | 'nobody'
}

/** A signature that was settled. */
export interface Settled {
  readonly fingerprint: string
  readonly record: PaymentRecord
  /** A late settlement's receipt has not been handed out yet. */
  receiptDue: boolean
}

/** Official reason for an EIP-3009 nonce, and for a Solana message, that were settled before. */
const REPLAYED = {
  evm: 'invalid_exact_evm_nonce_already_used',
  solana: 'duplicate_settlement',
} as const

const NOTHING = { settled: 0n, credited: 0n, replays: 0 } as const

/** A cashier over a facilitator and its chains, which keeps the last `history` payments. */
export function createCashier(parts: {
  readonly terms: Terms
  readonly chains: readonly Chain[]
  readonly facilitator: Facilitator
  readonly tenants: Tenants
  readonly clock: GatewayClock
  readonly replay: 'reject' | 'idempotent'
  readonly history: number
}): Cashier {
  const { terms, chains, facilitator, tenants, clock, replay, history } = parts
  const queues = new Map<string, Promise<unknown>>()
  const settled = new Map<string, Settled>()
  // One that is forgotten is refused by the chain, where its nonce is used.
  const settledKeys = createHistory<string>(history, (key) => settled.delete(key))
  const late = new Map<string, Late>()
  const records = createHistory<PaymentRecord>(history)
  let totals: SavedCashier['totals'] = NOTHING

  const record = (
    payment: Payment,
    carrier: Carrier,
    transaction: string,
    credits: 'tenant' | 'nobody',
  ): PaymentOutcome & { kind: 'settled' } => {
    const tenant = tenants.ofWallet(payment.payer)
    const entry: PaymentRecord = {
      id: `payment_${records.total() + 1}`,
      network: payment.network.id,
      payer: payment.payer,
      amount: payment.amount,
      nonce: payment.nonce,
      transaction,
      tenant: tenant.id,
      credited: credits === 'tenant' ? payment.amount : 0n,
      path: carrier.path,
      requestId: carrier.id,
      at: clock.now(),
    }
    records.add(entry)
    totals = {
      ...totals,
      settled: totals.settled + entry.amount,
      credited: totals.credited + entry.credited,
    }
    if (credits === 'tenant') {
      tenants.post(tenant, {
        type: 'credit',
        amount: payment.amount,
        referenceType: 'x402_topup',
        reference: transaction,
      })
    }
    return { kind: 'settled', record: entry, tenant }
  }
  const settle = async (
    payment: Payment,
    carrier: Carrier,
    requirements: PaymentRequirements,
  ): Promise<PaymentOutcome> => {
    const result = await facilitator.settle(payment, requirements)
    if (!result.success) {
      const reason = result.errorReason ?? 'settlement_failed'
      return { kind: 'refused', reason, transaction: result.transaction }
    }
    const outcome = record(payment, carrier, result.transaction, 'tenant')
    const { fingerprint } = payment
    remember(payment.key, { fingerprint, record: outcome.record, receiptDue: false })
    return outcome
  }
  const remember = (key: string, entry: Settled) => {
    settled.set(key, entry)
    settledKeys.add(key)
  }
  const countReplay = () => {
    totals = { ...totals, replays: totals.replays + 1 }
  }
  const again = (payment: Payment, earlier: Settled): PaymentOutcome => {
    if (replay === 'idempotent' || earlier.receiptDue) {
      if (!earlier.receiptDue) countReplay()
      earlier.receiptDue = false
      return {
        kind: 'settled',
        record: earlier.record,
        tenant: tenants.ofWallet(earlier.record.payer),
      }
    }
    countReplay()
    return { kind: 'refused', reason: REPLAYED[payment.kind], transaction: '' }
  }
  const attempt = async (payment: Payment, carrier: Carrier): Promise<PaymentOutcome> => {
    collectLate()
    const earlier = settled.get(payment.key)
    if (earlier?.fingerprint === payment.fingerprint) return again(payment, earlier)
    const waiting = late.get(payment.key)
    if (waiting?.payment.fingerprint === payment.fingerprint) {
      return { kind: 'refused', reason: 'settlement_pending', transaction: waiting.transaction }
    }
    const requirements = terms.find(payment.network.id, payment.amount)
    if (!requirements) {
      return { kind: 'refused', reason: 'No matching payment requirements', transaction: '' }
    }
    const outsider = carrier.strike('verify')
    if (outsider) await landForeign(payment, carrier, requirements)
    // To settle verifies too; once more is for what may happen between the two.
    if (carrier.expects('verified')) {
      const verdict = await facilitator.verify(payment, requirements)
      if (!verdict.isValid) {
        const reason = verdict.invalidReason ?? 'verification_failed'
        return { kind: 'refused', reason, transaction: '' }
      }
      if (carrier.strike('verified')) throw new Unanswered('reset')
    }
    const delay = carrier.strike('settle')
    if (!delay) return settle(payment, carrier, requirements)
    chainOf(payment)?.holdNext(delay.after === undefined ? undefined : clock.now() + delay.after)
    const outcome = await settle(payment, carrier, requirements)
    if (outcome.kind === 'refused' && outcome.reason === 'settlement_pending') {
      const { transaction } = outcome
      const credits = delay.credits ?? 'tenant'
      late.set(payment.key, { payment, carrier, requirements, transaction, credits })
    }
    return outcome
  }
  const chainOf = (payment: Payment) =>
    chains.find((chain) => chain.network.id === payment.network.id)

  const landForeign = async (
    payment: Payment,
    carrier: Carrier,
    requirements: PaymentRequirements,
  ) => {
    const verdict = await facilitator.verify(payment, requirements)
    const chain = chainOf(payment)
    if (!verdict.isValid || !chain) return
    let transaction = `third-party-${payment.nonce}`
    if (isEvmChain(chain) && payment.kind === 'evm') {
      transaction = chain.submit(payment.authorization)
    } else if (!isEvmChain(chain) && payment.kind === 'solana') {
      await chain.submit(transaction, payment.transfer)
    }
    record(payment, carrier, transaction, 'nobody')
  }
  const hasLanded = ({ payment, transaction }: Late) =>
    chainOf(payment)?.receiptOf(transaction) !== undefined

  const collectLate = () => {
    for (const [key, entry] of late) {
      if (!hasLanded(entry)) continue
      late.delete(key)
      const outcome = record(entry.payment, entry.carrier, entry.transaction, entry.credits)
      remember(key, {
        fingerprint: entry.payment.fingerprint,
        record: outcome.record,
        receiptDue: entry.credits === 'tenant',
      })
    }
  }

  return {
    take: async (payment, carrier) => {
      // One at a time per authorization: the second sees what became of the first.
      const before = queues.get(payment.key)
      const mine = (before ?? Promise.resolve()).then(
        () => attempt(payment, carrier),
        () => attempt(payment, carrier),
      )
      queues.set(payment.key, mine)
      try {
        return await mine
      } finally {
        if (queues.get(payment.key) === mine) queues.delete(payment.key)
      }
    },
    collectLate,
    payments: () => {
      collectLate()
      return records.items()
    },
    totals: () => ({ payments: records.total(), ...totals }),
    reset: () => {
      settled.clear()
      settledKeys.clear()
      late.clear()
      records.clear()
      totals = NOTHING
    },
    save: () => ({ records: records.save(), settled: [...settled], totals }),
    load: (saved) => {
      records.load(saved.records)
      for (const [key, entry] of saved.settled) remember(key, { ...entry })
      totals = saved.totals
    },
  }
}
