import { GatewayConfigError } from './GatewayConfigError'

/** A dollar string such as `'$1.25'`, or atomic USDC units (6 decimals) as a bigint. */
export type Money = string | bigint

const DOLLARS = /^\$(\d{1,12})(?:\.(\d{1,6}))?$/

/** Atomic USDC units of a {@link Money}. Throws GatewayConfigError on any other form. */
export function toUnits(money: Money, what: string): bigint {
  if (typeof money === 'bigint') {
    if (money < 0n) throw new GatewayConfigError(`${what} must not be negative, got ${money}`)
    return money
  }
  const match = DOLLARS.exec(money)
  const whole = match?.[1]
  if (whole === undefined) {
    throw new GatewayConfigError(`${what} must be a dollar string like '$1.25', got '${money}'`)
  }
  return BigInt(whole) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(6, '0'))
}

/** Atomic USDC units of a number of dollars, or undefined for what is none. */
export function unitsOfNumber(dollars: unknown): bigint | undefined {
  const fits = typeof dollars === 'number' && dollars >= 0 && dollars <= 1e9
  return fits ? BigInt(Math.round(dollars * 1e6)) : undefined
}

/** Dollars as a JSON number. */
export function toNumber(units: bigint): number {
  return Number(formatDollars(units))
}

/** `'1.25'` for 1250000n: dollars as a decimal string, without trailing zeros. */
export function formatDollars(units: bigint): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`
}
