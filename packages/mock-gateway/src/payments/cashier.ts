import type { Chain } from '../chain/Chain'
import type { GatewayClock } from '../clock'
import { createHistory, type SavedHistory } from '../history'
import type { LocalTransfer } from '../local/LocalNode'
import type { NetworkId } from '../networks'
import type { Tenant, Tenants } from '../tenants/tenants'
import type { Payment } from './decodePayment'
import type { Facilitator } from './facilitator'
import type { Terms } from './requirements'
import {
  type Carrier,
  createSettler,
  type Outcome,
  type Refusal,
  type SavedSettler,
  type Settlement,
} from './settler'

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
  /** Path of the request that carried it; empty where the gateway was killed, and found it on the chain. */
  readonly path: string
  readonly requestId: string
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** The end of a payment: settled (perhaps earlier), or refused and why. */
export type PaymentOutcome =
  | { readonly kind: 'settled'; readonly record: PaymentRecord; readonly tenant: Tenant }
  | Refusal

/** Verifies, settles and credits payments; knows which ones it has seen. */
export interface Cashier {
  take(payment: Payment, carrier: Carrier): Promise<PaymentOutcome>
  /** Credits late settlements that have landed since. */
  collectLate(): void
  /** Credits payments that the chain has and nobody put down: whoever took them was killed before that. */
  creditFound(network: NetworkId, transfers: readonly LocalTransfer[]): void
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
  readonly settler: SavedSettler<PaymentRecord>
  readonly totals: Omit<PaymentTotals, 'payments' | 'replays'>
}

const NOTHING = { settled: 0n, credited: 0n } as const

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
  const { terms, tenants, clock, history } = parts
  const records = createHistory<PaymentRecord>(history)
  let totals: SavedCashier['totals'] = NOTHING

  const putDown = (
    paid: Omit<PaymentRecord, 'id' | 'tenant' | 'credited' | 'at'>,
    credits: Settlement['credits'],
  ): PaymentRecord => {
    const tenant = tenants.ofWallet(paid.payer)
    const entry: PaymentRecord = {
      ...paid,
      id: `payment_${records.total() + 1}`,
      tenant: tenant.id,
      credited: credits === 'tenant' ? paid.amount : 0n,
      at: clock.now(),
    }
    records.add(entry)
    totals = {
      settled: totals.settled + entry.amount,
      credited: totals.credited + entry.credited,
    }
    if (credits === 'tenant') {
      tenants.post(tenant, {
        type: 'credit',
        amount: entry.amount,
        referenceType: 'x402_topup',
        reference: entry.transaction,
      })
    }
    return entry
  }
  const record = ({ payment, carrier, transaction, credits }: Settlement): PaymentRecord => {
    const { network, payer, amount, nonce } = payment
    const { path, id: requestId } = carrier
    return putDown(
      { network: network.id, payer, amount, nonce, transaction, path, requestId },
      credits,
    )
  }
  const settler = createSettler<PaymentRecord>({ ...parts, record })

  const attempt = async (payment: Payment, carrier: Carrier): Promise<Outcome<PaymentRecord>> => {
    const earlier = settler.recall(payment)
    if (earlier) return earlier
    const requirements = terms.find(payment.network.id, payment.amount)
    if (!requirements) {
      return { kind: 'refused', reason: 'No matching payment requirements', transaction: '' }
    }
    const presented = { payment, carrier, requirements }
    // To settle verifies too; once more is for what may happen before it.
    const refusal =
      carrier.expects('verify') || carrier.expects('verified')
        ? await settler.verify(presented)
        : undefined
    return refusal ?? settler.settle(presented)
  }

  return {
    take: (payment, carrier) =>
      settler.alone(payment, async () => {
        const outcome = await attempt(payment, carrier)
        return outcome.kind === 'refused'
          ? outcome
          : { ...outcome, tenant: tenants.ofWallet(outcome.record.payer) }
      }),
    collectLate: settler.collectLate,
    creditFound: (network, transfers) => {
      const known = new Set(records.items().map(({ transaction }) => transaction))
      // What is older than the oldest that is kept was put down, and has been forgotten.
      const oldest = transfers.findIndex(({ transaction }) => known.has(transaction))
      const first = oldest < 0 ? transfers.length : oldest
      const since = transfers.slice(records.total() > known.size ? first : 0)
      for (const { transaction, from, amount, nonce = '' } of since) {
        if (known.has(transaction)) continue
        const paid = { network, payer: from, amount, nonce, transaction, path: '', requestId: '' }
        putDown(paid, 'tenant')
      }
    },
    payments: () => {
      settler.collectLate()
      return records.items()
    },
    totals: () => ({ payments: records.total(), ...totals, replays: settler.replays() }),
    reset: () => {
      settler.reset()
      records.clear()
      totals = NOTHING
    },
    save: () => ({ records: records.save(), settler: settler.save(), totals }),
    load: (saved) => {
      records.load(saved.records)
      settler.load(saved.settler)
      totals = saved.totals
    },
  }
}
