/** Names that are remembered for as long as they matter. */
export interface Fading<V> {
  set(name: string, value: V): void
  has(name: string): boolean
  entries(): readonly (readonly [string, V])[]
  clear(): void
}

/** A memory that lets names go once their value `isOver`, where there are more than `limit`. */
export function createFading<V>(limit: number, isOver: (value: V) => boolean): Fading<V> {
  const kept = new Map<string, V>()
  let round = kept.entries()
  const lookAtNext = () => {
    const { value: entry } = round.next()
    if (!entry) {
      round = kept.entries()
    } else if (kept.size > limit && isOver(entry[1])) {
      kept.delete(entry[0])
    }
  }
  return {
    set: (name, value) => {
      kept.set(name, value)
      // Two for each one that comes, so that the rounds overtake the growth.
      lookAtNext()
      lookAtNext()
    },
    has: (name) => kept.has(name),
    entries: () => [...kept],
    clear: () => kept.clear(),
  }
}
