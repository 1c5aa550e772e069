/** Transactions on their way to a block, and faults that befall the next of them. */
export interface Broadcasts<T> {
  /** Sends one: it lands now, later or never. */
  send(transaction: T): void
  /** Lands those whose time has come. */
  catchUp(): void
  /** Lands whatever is held. */
  landAll(): void
  /** Keeps the next one back until `dueAt` (milliseconds), or until all land. */
  holdNext(dueAt: number | undefined): void
  /** Keeps this one back likewise. */
  hold(transaction: T, dueAt: number | undefined): void
  /** Loses the next one. */
  dropNext(): void
  reset(): void
}

/** Broadcasts that hand each transaction to `land`, with the time (milliseconds) at which it arrived. */
export function createBroadcasts<T extends { readonly id: string }>(
  clock: () => number,
  land: (transaction: T, at: number) => void,
): Broadcasts<T> {
  const faults: ('drop' | { readonly dueAt: number })[] = []
  let held: { readonly transaction: T; readonly dueAt: number }[] = []
  const release = (until: number) => {
    const ready = held.filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)
    held = held.filter(({ dueAt }) => dueAt > until)
    for (const { transaction, dueAt } of ready) land(transaction, Math.min(dueAt, clock()))
  }
  const catchUp = () => release(clock())
  return {
    send: (transaction) => {
      catchUp()
      if (held.some(({ transaction: { id } }) => id === transaction.id)) return
      const fault = faults.shift()
      if (fault === undefined) land(transaction, clock())
      else if (fault !== 'drop') held.push({ transaction, dueAt: fault.dueAt })
    },
    catchUp,
    landAll: () => release(Number.POSITIVE_INFINITY),
    holdNext: (dueAt = Number.POSITIVE_INFINITY) => void faults.push({ dueAt }),
    hold: (transaction, dueAt = Number.POSITIVE_INFINITY) => void held.push({ transaction, dueAt }),
    dropNext: () => void faults.push('drop'),
    reset: () => {
      faults.length = 0
      held = []
    },
  }
}
