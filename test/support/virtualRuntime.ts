import type { Runtime } from '../../packages/sdk/src/runtime'

/** A {@link Runtime} whose clock stands still until it is told to move. */
export type VirtualRuntime = Runtime & {
  /** Lets everything run that needs no time to pass. */
  readonly settle: () => Promise<void>
  /** Moves the clock by `ms`, running what falls due on the way, in order of its time. */
  readonly advance: (ms: number) => Promise<void>
  /**
   * The outcome of `promise`, with the clock moved from timer to timer until it is there.
   * @throws Error where nothing is left that could settle it, or `limit` has passed.
   */
  readonly run: <T>(promise: Promise<T>, limit?: number) => Promise<T>
  /** Keeps the clock where it is until `work` has ended: for what takes real time, such as WebCrypto. */
  readonly hold: <T>(work: Promise<T>) => Promise<T>
  /** How many timers are set. */
  readonly pending: () => number
}

export type VirtualOptions = {
  readonly fetch?: typeof fetch
  /** What `now` says at first, in milliseconds since the epoch. */
  readonly start?: number
  /** Of `random`: the same seed gives the same numbers. */
  readonly seed?: number
}

type Timer = { readonly at: number; readonly run: () => void }

/** 2026-11-20T16:00:00Z: a whole second, so that headers with a date are exact. */
export const START = Date.UTC(2026, 10, 20, 16)
/** An hour: more than any wait of the SDK. */
const LONGEST_RUN_MS = 3_600_000
/**
 * A turn of the event loop empties the queue of promises. Streams put some of their work off by a
 * turn or two, so a few pass before the clock may move.
 */
const TURNS = 4

/** A clock, timers and chance that are the same in every run, around a `fetch`. */
export function virtualRuntime(options: VirtualOptions = {}): VirtualRuntime {
  const { fetch = unexpected, start = START, seed = 1 } = options
  // Insertion keeps it sorted, first by time and then by when a timer was set.
  const timers: Timer[] = []
  const held = new Set<Promise<unknown>>()
  let now = start

  const settle = async () => {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn()
    while (held.size > 0) {
      await Promise.allSettled(held)
      for (let turn = 0; turn < TURNS; turn++) await nextTurn()
    }
  }

  const runNext = () => {
    const timer = timers.shift()
    if (!timer) return
    now = timer.at
    timer.run()
  }

  const advance = async (ms: number) => {
    const end = now + ms
    await settle()
    while ((timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end) {
      runNext()
      await settle()
    }
    now = end
  }

  return {
    fetch,
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + Math.max(0, ms), run }
      const place = timers.findIndex(({ at }) => at > timer.at)
      timers.splice(place < 0 ? timers.length : place, 0, timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    random: randomFrom(seed),
    settle,
    advance,
    run: async (promise, limit = LONGEST_RUN_MS) => {
      const end = now + limit
      let done = false
      const settled = () => {
        done = true
      }
      promise.then(settled, settled)
      for (;;) {
        await settle()
        if (done) return promise
        const next = timers[0]
        if (!next) throw new Error('Nothing is left that could settle the promise.')
        if (next.at > end) throw new Error(`The promise did not settle within ${limit} ms.`)
        runNext()
      }
    },
    hold: (work) => {
      held.add(work)
      const free = () => held.delete(work)
      work.then(free, free)
      return work
    },
    pending: () => timers.length,
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

async function unexpected(): Promise<Response> {
  throw new Error('This runtime was given no fetch.')
}

/** Uniform in [0, 1), by mulberry32: 32 bits of state, plenty for jitter. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
