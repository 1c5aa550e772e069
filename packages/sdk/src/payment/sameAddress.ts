/** An address in the one spelling to compare it by: hex ignores case, base58 does not. */
export function sameAddress(address: string): string {
  return address.startsWith('0x') ? address.toLowerCase() : address
}
