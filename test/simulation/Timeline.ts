/** The world's time and all that waits for it. */
export type Timeline = {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Runs `act` in `ms`; the function returned cancels that. */
  readonly after: (ms: number, act: () => void) => () => void
  /** Resolves in `ms`. */
  readonly pass: (ms: number) => Promise<void>
}

/** Time that passes when nothing else is left to do. */
export type SimulatedTimeline = Timeline & {
  /**
   * Moves from one thing that waits to the next, letting promises run dry in between, until `done`
   * or nothing waits. Resolves to why it stopped.
   */
  readonly run: (done: () => boolean, mostSteps: number) => Promise<'done' | 'idle' | 'endless'>
}

type Timer = { readonly at: number; readonly order: number; act: (() => void) | undefined }

/** How many turns of the event loop without any effect it takes to call the world idle. */
const QUIET_TURNS = 8

export function createTimeline(start: number): SimulatedTimeline {
  const heap: Timer[] = []
  let now = start
  let order = 0

  const after = (ms: number, act: () => void) => {
    const timer: Timer = { at: now + Math.max(0, ms), order: order++, act }
    push(heap, timer)
    return () => {
      timer.act = undefined
    }
  }

  return {
    now: () => now,
    after,
    pass: (ms) => new Promise((resolve) => void after(ms, resolve)),
    run: async (done, mostSteps) => {
      for (let steps = 0; steps < mostSteps; steps++) {
        await turn()
        if (done()) return 'done'
        let timer = pop(heap)
        while (timer && !timer.act) timer = pop(heap)
        for (let quiet = 0; !timer && quiet < QUIET_TURNS; quiet++) {
          await turn()
          if (done()) return 'done'
          timer = pop(heap)
        }
        if (!timer) return 'idle'
        now = timer.at
        timer.act?.()
      }
      return 'endless'
    },
  }
}

// A turn of the event loop empties the queue of promises.
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (!above || isBefore(above, timer)) break
    heap[at] = above
    at = parent
  }
  heap[at] = timer
}

function pop(heap: Timer[]): Timer | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (!top || !last || top === last) return top
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    const left = heap[child]
    if (!left) break
    const right = heap[child + 1]
    const smaller = right && isBefore(right, left) ? right : left
    if (smaller === right) child++
    if (isBefore(last, smaller)) break
    heap[at] = smaller
    at = child
  }
  heap[at] = last
  return top
}
