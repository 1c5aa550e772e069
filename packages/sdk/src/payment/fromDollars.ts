/**
 * Atomic units of USDC of a number of dollars, as a gateway's JSON has it, rounded up: a part of a
 * unit is owed too. Undefined for what is no amount of money.
 */
export function fromDollars(dollars: number): bigint | undefined {
  // Three decimals more than a unit has are real, what is behind them is how binary fractions look.
  const units = Math.ceil(Number((dollars * 1e6).toFixed(3)))
  return Number.isSafeInteger(units) ? BigInt(units) : undefined
}
