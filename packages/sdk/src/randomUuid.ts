import { randomHex } from './randomHex'

/** A random UUID (RFC 9562 version 4); `crypto.randomUUID` is there in secure contexts only. */
export function randomUuid(): string {
  return uuidOf(randomHex(16))
}

/** 32 digits in hex in the form of a random UUID. */
export function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return parts.join('-')
}
