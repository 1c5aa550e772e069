import { decode58 } from './base58'

/** Joins byte strings. */
export function concat(
  ...parts: readonly (Uint8Array | readonly number[])[]
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** The 32 bytes of a base58 address or blockhash, or undefined if it is not one. */
export const read32 = (text: unknown) => decode58(text, 32)

/** The 32 bytes of an address known to be one: from the table, or checked by `read32` before. */
export function decode32(text: string): Uint8Array {
  const bytes = read32(text)
  if (bytes === undefined) throw new RangeError('not 32 bytes of base58')
  return bytes
}

/** Standard base64 with padding. */
export const encode64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))

/** Little-endian unsigned integer. */
export function littleEndian(value: bigint, width: number): number[] {
  return Array.from({ length: width }, (_, index) => Number((value >> BigInt(8 * index)) & 255n))
}
