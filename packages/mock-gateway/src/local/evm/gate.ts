/** What many may do at once, and one thing that goes only alone. */
export interface Gate {
  /** Runs once nobody is alone any more. */
  pass<T>(run: () => Promise<T>): Promise<T>
  /** Runs once all who passed are through; nobody passes meanwhile. One at a time. */
  alone<T>(run: () => Promise<T>): Promise<T>
}

/** A gate that is open. */
export function createGate(): Gate {
  const inside = new Set<Promise<unknown>>()
  let shut: Promise<unknown> | undefined
  return {
    pass: async (run) => {
      while (shut) await shut
      const mine = run()
      inside.add(mine)
      try {
        return await mine
      } finally {
        inside.delete(mine)
      }
    },
    alone: async (run) => {
      while (shut) await shut
      const mine = Promise.allSettled(inside).then(run)
      shut = mine.catch(() => undefined)
      try {
        return await mine
      } finally {
        shut = undefined
      }
    },
  }
}
