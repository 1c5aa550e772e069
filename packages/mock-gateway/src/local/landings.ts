/** What has landed of the transactions that somebody asked for. */
export interface Landings {
  /** Has the next `catchUp` find out about a transaction that was broadcast. */
  await(transaction: string): void
  /** As far as is known; what is not is awaited from now on. */
  has(transaction: string): boolean
  catchUp(): Promise<void>
  reset(): void
}

/** Asks `landed` for each transaction until it has. */
export function createLandings(landed: (transaction: string) => Promise<boolean>): Landings {
  const known = new Set<string>()
  const awaited = new Set<string>()
  const catchUp = async () => {
    await Promise.all(
      [...awaited].map(async (transaction) => {
        if (!(await landed(transaction))) return
        awaited.delete(transaction)
        known.add(transaction)
      }),
    )
  }
  return {
    await: (transaction) => {
      awaited.add(transaction)
    },
    has: (transaction) => {
      if (known.has(transaction)) return true
      awaited.add(transaction)
      return false
    },
    catchUp,
    reset: () => {
      known.clear()
      awaited.clear()
    },
  }
}
