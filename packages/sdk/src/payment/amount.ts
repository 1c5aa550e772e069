import { invalidOption } from '../errors'

/** An amount of USDC: a dollar string such as `$5` or `$0.01`, or atomic units (1 USDC = 1,000,000). */
export type Money = `$${string}` | bigint

const DECIMALS = 6
const DOLLARS = /^\$(\d{1,15})(?:\.(\d{1,6}))?$/

/**
 * Atomic units of USDC.
 * @throws ARouterError `invalid_option` where it is neither a dollar string nor a bigint from 0.
 */
export function parseMoney(money: Money, option: string): bigint {
  if (typeof money === 'bigint' && money >= 0n) return money
  const match = typeof money === 'string' ? DOLLARS.exec(money) : null
  if (!match) {
    throw invalidOption(
      `${option} must be a dollar string such as '$5' or '$0.01', or a bigint of atomic units.`,
    )
  }
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(DECIMALS, '0')}`)
}

const WINDOW = /^(\d{1,6})([smhd])$/
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration such as `30m` or `24h`, in seconds, minutes, hours or days. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`

/**
 * Milliseconds.
 * @throws ARouterError `invalid_option`.
 */
export function parseDuration(duration: Duration, option: string): number {
  const match = WINDOW.exec(duration)
  const unit = match?.[2] as keyof typeof UNIT_MS | undefined // one of the four letters WINDOW admits
  const count = Number(match?.[1])
  if (!unit || count === 0) {
    throw invalidOption(`${option} must be a duration such as '30m' or '24h'.`)
  }
  return count * UNIT_MS[unit]
}
