/** Atomic units of USDC in dollars: `$1.00`. */
export function dollars(units: bigint): string {
  const cents = (units + 5_000n) / 10_000n
  return `$${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`
}

/** Both ends of an address: all that a person compares. */
export function shortly(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`
}
