import { keccak_256 } from '@noble/hashes/sha3'
import { WalletError } from './WalletError'
import type { Hex } from './wallet'

/**
 * Writes a 20-byte hex address in the mixed case of EIP-55. Throws `WalletError` `invalid_address`
 * for anything else; the case it came in is not looked at.
 */
export function checksumAddress(address: string): Hex {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) {
    throw new WalletError('invalid_address', 'An EVM address is 0x and 40 hex digits.')
  }
  const digits = address.slice(2).toLowerCase()
  const hash = keccak_256(digits)
  let checked: Hex = '0x'
  for (const [index, digit] of [...digits].entries()) {
    const byte = hash[index >> 1] ?? 0
    const nibble = index % 2 === 0 ? byte >> 4 : byte & 15
    checked = `${checked}${nibble > 7 ? digit.toUpperCase() : digit}`
  }
  return checked
}

/** The EIP-55 form of an address, or undefined if malformed or if its mixed case is a wrong checksum. */
export function readAddress(address: string): Hex | undefined {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address)) return undefined
  const checked = checksumAddress(address)
  const isMixed = /[a-f]/.test(address) && /[A-F]/.test(address)
  return isMixed && address !== checked ? undefined : checked
}
