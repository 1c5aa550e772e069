import { ARouterError, invalidOption, isARouterError, retell } from '../../errors'
import { type Duration, parseDuration } from '../../payment/amount'
import type { Runtime } from '../../runtime'
import { singleFlight } from '../../session/singleFlight'
import { buyKeyPass, type KeyPassWallet } from './buyKeyPass'
import { isKey, type KeyPass, type KeyPassPeriod, PERIODS } from './KeyPass'

/** Where a key is kept: a vault, a database. */
export type KeyPasses = {
  readonly load: () => KeyPass | undefined | Promise<KeyPass | undefined>
  readonly save: (pass: KeyPass) => void | Promise<void>
}

/** When another key is bought. */
export type Renewal = {
  readonly period: KeyPassPeriod
  /** How long before its end, shorter than the period: `1h`. */
  readonly before: Duration
  /** Told why a key was not renewed while the one there is goes on; it is tried again a minute later. */
  readonly onFailure?: (error: unknown) => void
}

/** The key that requests carry. */
export type PassKeeper = {
  readonly current: (signal: AbortSignal | undefined) => Promise<string>
  /** True where there is another key than `apiKey`, which aixbt called invalid or expired, or will be. */
  readonly replace: (apiKey: string, how: 'invalid' | 'expired') => Promise<boolean>
}

export type PassKeeperParameters = {
  readonly passes: KeyPasses
  readonly renewal: { readonly wallet: KeyPassWallet; readonly renew: Renewal } | undefined
  readonly baseURL: string
  readonly runtime: Runtime
}

const CALM_MS = 60_000
/** Clocks may differ by that much: a key that aixbt calls expired earlier than that is not bought anew. */
const SKEW_MS = 3_600_000

type Renewed = { readonly pass: KeyPass } | { readonly error: unknown }

/** @throws ARouterError `invalid_option` where a renewal could not end. */
export function passKeeper(parameters: PassKeeperParameters): PassKeeper {
  const { passes, renewal, baseURL, runtime } = parameters
  const before = renewal ? readBefore(renewal.renew) : 0
  const flight = singleFlight<Renewed>()
  let held: KeyPass | undefined
  let over: string | undefined
  let calmUntil = 0
  let isInVain = false

  const left = ({ apiKey, expiresAt }: KeyPass) =>
    apiKey === over ? 0 : Date.parse(expiresAt) - runtime.now()

  const buy = async ({ wallet, renew }: NonNullable<typeof renewal>, signal: AbortSignal) => {
    const buyer = lookingFirst(wallet, async () => {
      const stored = await load(passes)
      return stored?.period === renew.period && left(stored) > before ? stored : undefined
    })
    // One that was paid for earlier and comes only now may have ended, but not two in a row.
    for (let bought = 0; bought < 2; bought++) {
      const stored = await load(passes)
      if (stored && left(stored) > before) return stored
      if (isInVain) break
      const last = stored ?? held
      const order = last ? `after ${last.expiresAt}` : ''
      try {
        const { save } = passes
        const pass = await buyKeyPass(buyer, renew.period, { save, order, baseURL, signal })
        if (left(pass) > before) return pass
        held = pass
      } catch (error) {
        // Another process has bought it meanwhile, and saved it.
        if (!isARouterError(error, 'attempt_superseded')) throw error
      }
    }
    isInVain = true
    throw new ARouterError(
      0,
      'key_pass_ended',
      'The keys that were bought have ended, or are about to. Funds moved: yes. No other is bought: check the clock of this machine, and make another keyPassFetch.',
      { fundsMoved: 'yes' },
    )
  }

  const renewHeld = async (by: NonNullable<typeof renewal>, signal: AbortSignal) => {
    try {
      held = await buy(by, signal)
      return { pass: held }
    } catch (error) {
      calmUntil = runtime.now() + CALM_MS
      if (!signal.aborted && held && left(held) > 0) by.renew.onFailure?.(error)
      return { error }
    }
  }

  return {
    current: async (signal) => {
      held ??= await load(passes)
      if (held && left(held) > before) return held.apiKey
      if (!renewal) {
        if (held) return held.apiKey // aixbt says when it is over.
        throw invalidOption('There is no key: passes.load has none, and nothing is to be bought.')
      }
      if (held && left(held) > 0 && runtime.now() < calmUntil) return held.apiKey
      const renewed = await flight(signal, (all) => renewHeld(renewal, all))
      if ('pass' in renewed) return renewed.pass.apiKey
      if (held && left(held) > 0) return held.apiKey
      throw isARouterError(renewed.error) ? retell(renewed.error) : renewed.error
    },
    replace: async (apiKey, how) => {
      if (held && held.apiKey !== apiKey) return true
      const stored = await load(passes)
      if (stored && stored.apiKey !== apiKey) {
        held = stored
        return true
      }
      const isDue = held && Date.parse(held.expiresAt) - runtime.now() <= Math.max(before, SKEW_MS)
      if (!renewal || how === 'invalid' || !isDue) return false
      over = apiKey
      return true
    },
  }
}

/** One key that does not change. */
export function oneKey(apiKey: string): PassKeeper {
  if (!isKey(apiKey)) throw invalidOption('apiKey has not the form of a key of aixbt.')
  return { current: async () => apiKey, replace: async () => false }
}

/**
 * `wallet`, with `find` asked before aixbt is, once a purchase has begun: a key that another process has
 * saved by then is its answer. One that is saved later was paid for after this purchase began, which the
 * wallet notices.
 */
function lookingFirst(
  wallet: KeyPassWallet,
  find: () => Promise<KeyPass | undefined>,
): KeyPassWallet {
  const via = (ask: typeof fetch): typeof fetch => {
    return async (input, init) => {
      const isPaid = new Headers(init?.headers).has('payment-signature')
      const data = isPaid ? undefined : await find()
      return data ? Response.json({ data }) : ask(input, init)
    }
  }
  return {
    forget: wallet.forget,
    fetch: (url, { via: inner, ...init } = {}) =>
      wallet.fetch(url, { ...init, via: (send) => via(inner?.(send) ?? send) }),
  }
}

async function load(passes: KeyPasses): Promise<KeyPass | undefined> {
  const pass = await passes.load()
  if (!pass) return undefined
  if (isKey(pass.apiKey) && !Number.isNaN(Date.parse(pass.expiresAt))) return pass
  throw invalidOption('passes.load resolved to something that is no key: give back what was saved.')
}

function readBefore({ period, before }: Renewal): number {
  if (!PERIODS.includes(period)) throw invalidOption("renew.period must be '1d', '1w' or '4w'.")
  const ms = parseDuration(before, 'renew.before')
  const days = { '1d': 1, '1w': 7, '4w': 28 }[period]
  if (ms < days * 86_400_000) return ms
  throw invalidOption('renew.before must be shorter than renew.period: each key would be renewed.')
}
