import type { GatewayClock } from '../clock'
import { createHistory, type SavedHistory } from '../history'
import type { NetworkId } from '../networks'
import type { Settlement } from '../payments/settler'

/** A payment for a single thing that moved money. */
export interface SaleRecord {
  readonly id: string
  /** The system that sold it. */
  readonly dialect: string
  readonly network: NetworkId
  readonly payer: string
  readonly payTo: string
  /** Atomic USDC units. */
  readonly amount: bigint
  /** EIP-3009 nonce, or the Solana message in base58. */
  readonly nonce: string
  /** Transaction hash, or Solana signature. */
  readonly transaction: string
  /** Path of the request that carried the payment. */
  readonly path: string
  readonly requestId: string
  /** What was made for it, in a word or two; undefined where nothing was. It says nothing of whether it arrived. */
  readonly delivered: string | undefined
  /** Transaction that gave the money back. */
  readonly refund: string | undefined
  /** Milliseconds by the gateway's clock. */
  readonly at: number
}

/** The sales of all systems. */
export interface Sales {
  add(dialect: string, settlement: Settlement): SaleRecord
  /** Notes what became of a sale. */
  note(id: string, what: Partial<Pick<SaleRecord, 'delivered' | 'refund'>>): void
  /** Has `collect` add late settlements that have landed, before anybody is told of sales. */
  collectBy(collect: () => void): void
  /** The latest, oldest first. */
  list(): readonly SaleRecord[]
  total(): number
  reset(): void
  save(): SavedHistory<SaleRecord>
  load(saved: SavedHistory<SaleRecord>): void
}

/** Keeps the last `history` sales. */
export function createSales(clock: GatewayClock, history: number): Sales {
  const byId = new Map<string, SaleRecord>()
  const ids = createHistory<string>(history, (id) => byId.delete(id))
  const collectors: (() => void)[] = []
  const collectLate = () => {
    for (const collect of collectors) collect()
  }
  const reset = () => {
    byId.clear()
    ids.clear()
  }
  return {
    add: (dialect, { payment, carrier, requirements, transaction }) => {
      const sale: SaleRecord = {
        id: `sale_${ids.total() + 1}`,
        dialect,
        network: payment.network.id,
        payer: payment.payer,
        payTo: requirements.payTo,
        amount: payment.amount,
        nonce: payment.nonce,
        transaction,
        path: carrier.path,
        requestId: carrier.id,
        delivered: undefined,
        refund: undefined,
        at: clock.now(),
      }
      byId.set(sale.id, sale)
      ids.add(sale.id)
      return sale
    },
    note: (id, what) => {
      const sale = byId.get(id)
      if (sale) byId.set(id, { ...sale, ...what })
    },
    collectBy: (collect) => {
      collectors.push(collect)
    },
    list: () => {
      collectLate()
      return [...byId.values()]
    },
    total: () => {
      collectLate()
      return ids.total()
    },
    reset,
    save: () => {
      collectLate()
      return { items: [...byId.values()], total: ids.total() }
    },
    load: (saved) => {
      reset()
      for (const sale of saved.items) byId.set(sale.id, sale)
      ids.load({ items: saved.items.map(({ id }) => id), total: saved.total })
    },
  }
}
