import { fromBase64 } from './base64'

/** A decoded JSON object whose fields are still unknown. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The value as a JSON object, or undefined for null, arrays and everything else. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

/** The JSON object in a header of padded standard base64, or undefined when it holds none. */
export function objectFromBase64(header: string): JsonObject | undefined {
  const bytes = fromBase64(header)
  if (!bytes) return undefined
  try {
    return asObject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
