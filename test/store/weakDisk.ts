import { dirname } from 'node:path'
import type { Disk } from '../../packages/sdk/src/store/disk'

/** Lets tasks run one step at a time, in an order that follows from `seed` alone. */
export type Schedule = {
  /** Resolves when it is this caller's turn. */
  readonly turn: () => Promise<void>
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Gives turns until `work` has ended. */
  readonly run: <T>(work: Promise<T>) => Promise<T>
}

/** What a task that was killed waits for: nothing comes of it any more. */
const never = new Promise<never>(() => {})

export function schedule(seed: number): Schedule {
  const waiting: (() => void)[] = []
  const random = mulberry32(seed)
  return {
    random,
    turn: () => new Promise((resolve) => waiting.push(resolve)),
    run: async (work) => {
      let isOver = false
      const end = () => {
        isOver = true
      }
      work.then(end, end)
      for (;;) {
        // Every task gets as far as it can without a turn.
        await new Promise((resolve) => setImmediate(resolve))
        if (isOver) return work
        waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.()
      }
    },
  }
}

/** Folders in memory, by path, and the files in them. Two names of one file share their content. */
export type Folders = Map<string, Map<string, { bytes: Buffer }>>

/**
 * A disk that promises no more than POSIX: another task may come between any two steps, and a list of
 * names that change while it is made may hold them or not. Its user dies at step `killedAt`, half way
 * through a write.
 */
export function weakDisk(
  folders: Folders,
  { turn, random }: Schedule,
  killedAt = Number.POSITIVE_INFINITY,
): Disk {
  let steps = 0
  const step = async () => {
    await turn()
    if (++steps >= killedAt) await never
  }
  const folderOf = (file: string) => folders.get(dirname(file))
  const nameOf = (file: string) => file.slice(dirname(file).length + 1)

  return {
    names: async (path) => {
      await step()
      const folder = folders.get(path)
      const children = () =>
        [...folders.keys()].filter((one) => dirname(one) === path).map((one) => nameOf(one))
      if (!folder) return []
      const before = [...folder.keys(), ...children()]
      const flips = new Set<string>()
      const passes = random() < 0.1 ? random() * 60 : random() * 3
      for (let pass = 1; pass < passes; pass++) {
        await step()
        for (const name of [...folder.keys(), ...children()]) flips.add(name)
      }
      const after = new Set([...folder.keys(), ...children()])
      for (const name of before) flips.add(name)
      const throughout = (name: string) => before.includes(name) && after.has(name)
      return [...flips].filter((name) => throughout(name) || random() < 0.5)
    },
    read: async (file) => {
      await step()
      const found = folderOf(file)?.get(nameOf(file))
      return found && Buffer.from(found.bytes)
    },
    makeFolder: async (path) => {
      await step()
      if (!folders.has(path)) folders.set(path, new Map())
    },
    create: async (file) => {
      await step()
      const folder = folderOf(file)
      if (!folder) return 'no folder'
      folder.set(nameOf(file), { bytes: Buffer.alloc(0) })
      return 'created'
    },
    fill: async (file, bytes) => {
      await step()
      const found = folderOf(file)?.get(nameOf(file))
      if (!found) return 'gone'
      found.bytes = bytes.subarray(0, Math.floor(random() * bytes.length))
      await step()
      found.bytes = bytes
      return 'filled'
    },
    link: async (file, name) => {
      await step()
      const found = folderOf(file)?.get(nameOf(file))
      if (!found) return 'gone'
      const folder = folderOf(name)
      if (!folder) return 'gone'
      if (folder.has(nameOf(name))) return 'taken'
      folder.set(nameOf(name), found)
      return 'linked'
    },
    remove: async (file) => {
      await step()
      folderOf(file)?.delete(nameOf(file))
    },
    sync: () => step(),
  }
}

/** A small seeded generator; the constants are those of its author, T. Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
