import type { Timeline } from './Timeline'

/** Real time, run faster: every timer and clock of a world goes by it. */
export type FastClock = Timeline & {
  /** Moves on by this much at once. */
  readonly leap: (ms: number) => void
  /** Drops all timers. */
  readonly stop: () => void
}

export function startFastClock(start: number, speed: number): FastClock {
  const began = performance.now()
  const timers = new Set<{ readonly at: number; readonly act: () => void }>()
  let leapt = 0
  let alarm: NodeJS.Timeout | undefined

  const now = () => start + leapt + Math.floor((performance.now() - began) * speed)
  const ring = () => {
    const due = [...timers].filter(({ at }) => at <= now()).sort((a, b) => a.at - b.at)
    for (const timer of due) {
      if (timers.delete(timer)) timer.act()
    }
    set()
  }
  const set = () => {
    clearTimeout(alarm)
    const next = Math.min(...[...timers].map(({ at }) => at))
    if (timers.size > 0) alarm = setTimeout(ring, Math.max(0, (next - now()) / speed))
  }
  const after = (ms: number, act: () => void) => {
    const timer = { at: now() + ms, act }
    timers.add(timer)
    set()
    return () => {
      timers.delete(timer)
    }
  }
  return {
    now,
    after,
    pass: (ms) => new Promise((resolve) => void after(ms, resolve)),
    leap: (ms) => {
      leapt += ms
      set()
    },
    stop: () => {
      timers.clear()
      clearTimeout(alarm)
    },
  }
}
