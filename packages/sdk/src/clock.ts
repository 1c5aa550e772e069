import type { Runtime } from './runtime'

/** The gateway's clock as far as its `Date` headers tell. */
export type GatewayClock = {
  /** Unix seconds. */
  readonly now: () => number
  /** Takes the `Date` of an answer as the present; resolves to the correction it made, in seconds. */
  readonly learn: (headers: Headers) => number
}

// A clock further off than this is not a clock; a signature must not be valid that far ahead.
const FARTHEST_S = 25 * 3_600
// A Date header has whole seconds and travels: a smaller difference says nothing.
const NOTICEABLE_S = 5

/** A clock that starts as the local one. */
export function gatewayClock(runtime: Runtime): GatewayClock {
  let offset = 0
  const local = () => Math.floor(runtime.now() / 1000)
  return {
    now: () => local() + offset,
    learn: (headers) => {
      const date = Date.parse(headers.get('date') ?? '')
      if (Number.isNaN(date)) return 0
      const measured = Math.floor(date / 1000) - local()
      if (Math.abs(measured) > FARTHEST_S) return 0
      const correction = measured - offset
      if (Math.abs(correction) <= NOTICEABLE_S) return 0
      offset = Math.abs(measured) <= NOTICEABLE_S ? 0 : measured
      return Math.abs(correction)
    },
  }
}
