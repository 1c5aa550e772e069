/** The one idea of time that the gateway, its tokens and its chains share, in milliseconds. */
export interface GatewayClock {
  now(): number
  advance(milliseconds: number): void
  /** By how much it was moved forward, in milliseconds. */
  advanced(): number
  /** How far this clock is from the host's, in whole seconds; zero when they agree. */
  hostOffsetSeconds(): number
}

/** A clock that reads `source`, shifted by `skew` milliseconds, and can be moved forward. */
export function createClock(source: () => number, skew: number): GatewayClock {
  let advanced = 0
  const now = () => source() + skew + advanced
  return {
    now,
    advanced: () => advanced,
    advance: (milliseconds) => {
      advanced += milliseconds
    },
    hostOffsetSeconds: () => Math.trunc((now() - Date.now()) / 1000),
  }
}
