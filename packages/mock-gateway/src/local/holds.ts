/** Things that run while somebody holds them. */
export interface Holds<K, T> {
  /** Starts it where it does not run; `release` ends it where nobody else holds it. */
  hold(key: K): Promise<{ readonly value: T; readonly release: () => Promise<void> }>
  /** What runs. */
  held(): readonly (readonly [K, T])[]
  /** Ends all of it, whoever holds it. */
  close(): Promise<void>
}

/** Nothing runs yet. */
export function createHolds<K, T extends { close(): Promise<void> }>(
  start: (key: K) => Promise<T>,
): Holds<K, T> {
  const starting = new Map<K, Promise<T>>()
  const running = new Map<K, T>()
  const holders = new Map<K, number>()

  const end = async (key: K) => {
    const value = running.get(key)
    starting.delete(key)
    running.delete(key)
    holders.delete(key)
    await value?.close()
  }
  const begin = async (key: K): Promise<T> => {
    try {
      const value = await start(key)
      running.set(key, value)
      return value
    } catch (error) {
      starting.delete(key)
      throw error
    }
  }
  return {
    hold: async (key) => {
      const begun = starting.get(key) ?? begin(key)
      starting.set(key, begun)
      const value = await begun
      holders.set(key, (holders.get(key) ?? 0) + 1)
      let isHeld = true
      const release = async () => {
        if (!isHeld || running.get(key) !== value) return
        isHeld = false
        const left = (holders.get(key) ?? 1) - 1
        holders.set(key, left)
        if (left === 0) await end(key)
      }
      return { value, release }
    },
    held: () => [...running],
    close: async () => {
      await Promise.all([...running.keys()].map(end))
    },
  }
}
