const DECIMALS = 6

/** `5000000n` as `$5.00`: at least two decimals, all that are needed. */
export function formatMoney(units: bigint): string {
  const digits = units.toString().padStart(DECIMALS + 1, '0')
  const fraction = digits.slice(-DECIMALS).replace(/0{1,4}$/, '')
  return `$${digits.slice(0, -DECIMALS)}.${fraction}`
}
