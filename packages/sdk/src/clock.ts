import { ARouterError } from './errors'
import type { Runtime } from './runtime'

/**
 * The gateway's clock as far as its `Date` headers tell: nothing else says by what a payment or a
 * sign-in will be judged. What a `Date` that lies can do is bounded:
 * - ahead by d, at most 25 hours, it gets a signature that is valid for d longer than the cap of 120 s
 *   (payment, EVM) or five minutes (sign-in): of the same amount for the same payee, counted in the
 *   budget all that time; or of a sign-in to its own domain. On Solana it changes nothing signed;
 * - behind, it gets a signature that has expired;
 * - later or earlier than before, it cannot make a live signature pass for dead: see `isPast`.
 */
export type GatewayClock = {
  /** Unix seconds. */
  readonly now: () => number
  /**
   * Unix seconds, for what is about to be signed.
   * @throws ARouterError `clock_off` where the newest `Date` is too far from the local clock to tell.
   */
  readonly toSign: () => number
  /**
   * Whether a time in Unix seconds is over by the local clock too: neither a clock that is ahead nor a
   * gateway that says so makes a signature dead that is still good.
   */
  readonly isPast: (seconds: number) => boolean
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
  let beyond = 0
  const local = () => Math.floor(runtime.now() / 1000)
  const now = () => local() + offset
  return {
    now,
    toSign: () => {
      if (beyond !== 0) throw clockOff(beyond)
      return now()
    },
    isPast: (seconds) => Math.min(local(), now()) > seconds,
    learn: (headers) => {
      const date = Date.parse(headers.get('date') ?? '')
      if (Number.isNaN(date)) return 0
      const measured = Math.floor(date / 1000) - local()
      beyond = Math.abs(measured) > FARTHEST_S ? measured : 0
      if (beyond !== 0) return 0
      const correction = measured - offset
      if (Math.abs(correction) <= NOTICEABLE_S) return 0
      offset = Math.abs(measured) <= NOTICEABLE_S ? 0 : measured
      return Math.abs(correction)
    },
  }
}

function clockOff(seconds: number): ARouterError {
  const hours = Math.round(Math.abs(seconds) / 3_600)
  return new ARouterError(
    0,
    'clock_off',
    `This machine's clock is ${hours} h ${seconds > 0 ? 'behind' : 'ahead of'} the gateway's Date, more than is corrected. Funds moved: no, nothing was signed. Set the clock.`,
    { context: { seconds } },
  )
}
