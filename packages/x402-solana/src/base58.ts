const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Base58 without a checksum, as Solana writes addresses, hashes and signatures. */
export function encode58(bytes: Uint8Array): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (; value > 0n; value /= 58n) text = ALPHABET.charAt(Number(value % 58n)) + text
  // Each leading zero byte is one leading `1`.
  const first = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(first < 0 ? bytes.length : first) + text
}

/**
 * The bytes of a base58 text, or undefined if they are not exactly `length`. The text's own length is
 * checked first: decoding takes time that grows with its square.
 */
export function decode58(text: unknown, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (typeof text !== 'string' || text.length > Math.ceil(length * 1.37)) return undefined
  let value = 0n
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const bytes = new Uint8Array(length)
  for (let at = length; at-- > 0; value >>= 8n) bytes[at] = Number(value & 255n)
  // Only one text is right: it says how many leading zeros there are, and no more bits than fit.
  return encode58(bytes) === text ? bytes : undefined
}
