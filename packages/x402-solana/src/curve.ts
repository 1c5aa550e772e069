/** The prime of Ed25519's field (RFC 8032, section 5.1). */
export const P = 2n ** 255n - 19n
/** The constant of its curve: -121665 / 121666. */
export const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

/** The order of its group. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n

/** `base` to the power of `exponent` in the field. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P
    square = (square * square) % P
  }
  return result
}

/** Bytes as a little-endian integer. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}
