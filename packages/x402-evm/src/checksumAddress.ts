import { keccak256 } from './keccak256'
import { WalletError } from './WalletError'
import type { Hex } from './wallet'

const ADDRESS = /^0x[0-9a-fA-F]{40}$/

// A wallet meets the same few addresses again and again, and each costs a hash.
const known = new Map<string, Hex>()
const KNOWN_LIMIT = 256

/**
 * Writes a 20-byte hex address in the mixed case of EIP-55. Throws `WalletError` `invalid_address`
 * for anything else; the case it came in is not looked at.
 */
export function checksumAddress(address: string): Hex {
  if (!ADDRESS.test(address)) {
    throw new WalletError('invalid_address', 'An EVM address is 0x and 40 hex digits.')
  }
  const digits = address.slice(2).toLowerCase()
  const checked = known.get(digits) ?? capitalise(digits)
  if (known.size >= KNOWN_LIMIT) known.clear()
  known.set(digits, checked)
  return checked
}

/** The EIP-55 form of an address, or undefined if malformed or if its mixed case is a wrong checksum. */
export function readAddress(address: string): Hex | undefined {
  if (!ADDRESS.test(address)) return undefined
  const checked = checksumAddress(address)
  const isMixed = /[a-f]/.test(address) && /[A-F]/.test(address)
  return isMixed && address !== checked ? undefined : checked
}

function capitalise(digits: string): Hex {
  const hash = keccak256(new TextEncoder().encode(digits))
  const nibble = (index: number) => ((hash[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 15
  return `0x${[...digits].map((digit, index) => (nibble(index) > 7 ? digit.toUpperCase() : digit)).join('')}`
}
