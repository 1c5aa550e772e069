/** Transactions that were broadcast and have not landed. */
export interface Pending<T> {
  /** Keeps the next one back until `dueAt` (milliseconds), or until told to land. */
  holdNext(dueAt: number | undefined): void
  /** Takes the transaction if it is to be kept back. */
  keep(transaction: T): 'kept' | 'land now'
  /** Lands what is due by `now`; with `all`, everything. */
  land(which: 'due' | 'all', now: number): void
  reset(): void
}

/** A pool that gives each transaction to `onLand` when its time has come. */
export function createPending<T>(onLand: (transaction: T) => void): Pending<T> {
  const holds: (number | undefined)[] = []
  let kept: { readonly transaction: T; readonly dueAt: number | undefined }[] = []
  return {
    holdNext: (dueAt) => holds.push(dueAt),
    keep: (transaction) => {
      if (holds.length === 0) return 'land now'
      kept.push({ transaction, dueAt: holds.shift() })
      return 'kept'
    },
    land: (which, now) => {
      if (kept.length === 0) return
      const ready = kept.filter(
        ({ dueAt }) => which === 'all' || (dueAt !== undefined && dueAt <= now),
      )
      kept = kept.filter((entry) => !ready.includes(entry))
      for (const { transaction } of ready) onLand(transaction)
    },
    reset: () => {
      holds.length = 0
      kept = []
    },
  }
}
