const P = 2n ** 255n - 19n
// The curve constant of Ed25519 (RFC 8032, section 5.1): -121665 / 121666.
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/**
 * Whether 32 bytes are a point of Ed25519 in the encoding of RFC 8032: then somebody can hold a key to
 * them, and no program can. With u = y^2 - 1 and v = d*y^2 + 1 they are if u/v, hence u*v, is a square.
 */
export function isOnCurve(bytes: Uint8Array): boolean {
  let encoded = 0n
  for (const byte of bytes.toReversed()) encoded = (encoded << 8n) | BigInt(byte)
  const isNegative = encoded >> 255n === 1n
  const y = BigInt.asUintN(255, encoded)
  if (y >= P) return false
  const u = (y * y - 1n) % P
  if (u === 0n) return !isNegative
  return power((u * (D * y * y + 1n)) % P, (P - 1n) / 2n) === 1n
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}
