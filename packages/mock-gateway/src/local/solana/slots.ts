/** A chain's time, told in slots and in heights of blocks. */
export interface Slots {
  tip(): bigint
  finalized(): bigint
  /** The slot at a time of the clock (milliseconds); never before one that was told. */
  at(now: number): bigint
  /** Height of the last block up to a slot: less than the slot, since some slots have none. */
  heightOf(slot: bigint): bigint
  /** Unix seconds. */
  timeOf(slot: bigint): number
  /** Lets so many slots pass at once; the chain's time runs ahead of the clock by as much. */
  advance(count: number): void
  /** Takes the blocks out of the last slots. Returns the last slot that keeps its block. */
  undo(count: number): bigint
  /** From now on a block is final once so many slots follow it. */
  setFinality(count: number): void
}

const SLOT_MS = 400
const FIRST_SLOT = 320_000_000n
/** How old a chain is when it is made: blocks can be undone from the start. */
const FIRST_SLOTS = 1_000
const SKIPPED_BEFORE = 20_000_000n

/** Slots of 400 ms each. */
export function createSlots(clock: () => number): Slots {
  const startedAt = clock() - FIRST_SLOTS * SLOT_MS
  const undone: { readonly after: bigint; readonly blocks: bigint }[] = []
  let ahead = 0
  let latest = FIRST_SLOT
  let finality = 0n

  const at = (now: number) => {
    const slot = FIRST_SLOT + BigInt(Math.floor((now - startedAt + ahead) / SLOT_MS))
    if (slot > latest) latest = slot
    return latest
  }
  const tip = () => at(clock())
  const notBeforeFirst = (slot: bigint) => (slot < FIRST_SLOT ? FIRST_SLOT : slot)
  const heightOf = (slot: bigint) => {
    let height = slot - SKIPPED_BEFORE
    for (const { after, blocks } of undone) {
      const since = slot - after
      if (since > 0n) height -= since < blocks ? since : blocks
    }
    return height
  }
  return {
    tip,
    at,
    finalized: () => notBeforeFirst(tip() - finality),
    heightOf,
    timeOf: (slot) => Math.floor((startedAt + Number(slot - FIRST_SLOT) * SLOT_MS) / 1000),
    advance: (count) => {
      ahead += count * SLOT_MS
    },
    undo: (count) => {
      const last = tip()
      const after = notBeforeFirst(last - BigInt(count))
      undone.push({ after, blocks: heightOf(last) - heightOf(after) })
      return after
    },
    setFinality: (count) => {
      finality = BigInt(count)
    },
  }
}
