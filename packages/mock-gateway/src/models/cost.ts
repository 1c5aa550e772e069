import type { Model } from './catalogue'

/** Tokens of one answer. */
export interface TokenCounts {
  readonly prompt: number
  readonly completion: number
}

/** Decimals of the price list: prices are whole numbers of 10^-12 dollars. */
const PRICE_DECIMALS = 12
const PER_UNIT = 1_000_000n

/** Cost in atomic USDC units, rounded up, at least one unit unless the model is free. */
export function costOf(model: Model, tokens: TokenCounts): bigint {
  const raw =
    BigInt(tokens.prompt) * scaled(model.pricing.prompt) +
    BigInt(tokens.completion) * scaled(model.pricing.completion)
  return (raw + PER_UNIT - 1n) / PER_UNIT
}

const known = new Map<string, bigint>()

function scaled(price: string): bigint {
  const before = known.get(price)
  if (before !== undefined) return before
  const [whole = '0', fraction = ''] = price.split('.')
  const value = BigInt(whole + fraction.padEnd(PRICE_DECIMALS, '0'))
  known.set(price, value)
  return value
}
