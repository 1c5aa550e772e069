/** The latest of many things. */
export interface History<T> {
  add(item: T): void
  /** Those that are kept, oldest first. */
  items(): readonly T[]
  /** How many there ever were. */
  total(): number
  clear(): void
  save(): SavedHistory<T>
  load(saved: SavedHistory<T>): void
}

/** A history as it is kept in a file. */
export interface SavedHistory<T> {
  readonly items: readonly T[]
  readonly total: number
}

/** Keeps the last `limit` things; `onForget` is told of each one that has to go. */
export function createHistory<T>(
  limit: number,
  onForget: (item: T) => void = () => undefined,
): History<T> {
  const kept: T[] = []
  let oldest = 0
  let total = 0
  const items = () => [...kept.slice(oldest), ...kept.slice(0, oldest)]
  const clear = () => {
    kept.length = 0
    oldest = 0
    total = 0
  }
  const add = (item: T) => {
    total += 1
    if (kept.length < limit) return void kept.push(item)
    const gone = kept[oldest]
    kept[oldest] = item
    oldest = (oldest + 1) % limit
    if (gone !== undefined) onForget(gone)
  }
  return {
    add,
    items,
    total: () => total,
    clear,
    save: () => ({ items: items(), total }),
    load: (saved) => {
      clear()
      for (const item of saved.items) add(item)
      total = saved.total
    },
  }
}
