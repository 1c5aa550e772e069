import { D, fromLittleEndian, P, power } from './curve'

/**
 * Whether 32 bytes are a point of Ed25519 in the encoding of RFC 8032: then somebody can hold a key to
 * them, and no program can. With u = y^2 - 1 and v = d*y^2 + 1 they are if u/v, hence u*v, is a square.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  const encoded = fromLittleEndian(bytes)
  const isNegative = encoded >> 255n === 1n
  const y = BigInt.asUintN(255, encoded)
  if (y >= P) return false
  const u = (y * y - 1n) % P
  if (u === 0n) return !isNegative
  return power((u * (D * y * y + 1n)) % P, (P - 1n) / 2n) === 1n
}
