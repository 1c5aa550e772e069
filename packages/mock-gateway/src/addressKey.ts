/** The same for every spelling of an address: EVM ones differ only in checksum case, Solana's in every letter. */
export function addressKey(address: string): string {
  return address.startsWith('0x') ? address.toLowerCase() : address
}
