import { parseBounded } from './parseBounded'

/** Deepest nesting of JSON that is read from a header, a token or a refusal. */
const DEEPEST = 16
/** Longest header that is decoded: that of 16 KiB of JSON. */
const LONGEST_HEADER = 22_000
const ALPHABET = /^[A-Za-z0-9+/_-]*={0,2}$/

/** Standard base64 with padding of `text` in UTF-8, as x402 headers are written. */
export function encodeBase64(text: string): string {
  return encodeBytes(new TextEncoder().encode(text))
}

/** Standard base64 with padding. */
export function encodeBytes(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** All `pieces`, one after the other. */
export function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}

/** Reads base64 or base64url, padded or not, as UTF-8; undefined where it is neither. */
export function decodeBase64(encoded: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(decodeBytes(encoded))
  } catch {
    return undefined // Not base64, or not UTF-8: the caller says what that means.
  }
}

/** Reads base64 or base64url, padded or not. @throws TypeError, DOMException where it is neither. */
export function decodeBytes(encoded: string): Uint8Array<ArrayBuffer> {
  const text = encoded.trim()
  if (!ALPHABET.test(text)) throw new TypeError('not base64')
  const binary = atob(text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}

/** A JSON object as parsed: own properties only, nothing known about them. */
export type JsonObject = { readonly [key: string]: unknown }

/** True for a JSON object, as opposed to an array, a scalar or nothing. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Parses a JSON object, refusing one nested too deeply; undefined where it is none. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = parseBounded(text, DEEPEST)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // Not JSON: the caller says what that means.
  }
}

/** The JSON object that a header has in base64, as those of x402; undefined where it is none, or too long. */
export function parseHeader(header: string | null): JsonObject | undefined {
  if (header === null || header.length > LONGEST_HEADER) return undefined
  return parseObject(decodeBase64(header))
}
