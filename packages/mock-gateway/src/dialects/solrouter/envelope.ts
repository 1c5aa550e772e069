import { fromBase64 } from '../../http/base64'
import { asObject, type JsonObject } from '../../http/jsonObject'

const BYTES: Readonly<Record<string, number | undefined>> = {
  ciphertext: undefined,
  nonce: 16,
  publicKey: 32,
}

/**
 * An encrypted envelope, given as JSON text or as an object; undefined for what has not its form. What is in it
 * cannot be read here.
 */
export function parseEnvelope(value: unknown): JsonObject | undefined {
  const envelope = asObject(typeof value === 'string' ? parsed(value) : value)
  if (!envelope) return undefined
  const isWhole = Object.entries(BYTES).every(([name, length]) => {
    const text = envelope[name]
    const bytes = typeof text === 'string' ? fromBase64(text) : undefined
    return bytes !== undefined && (length === undefined || bytes.length === length)
  })
  const { algorithm, version } = envelope
  const isKnown = algorithm === 'Arcium-RescueCipher' && version === '2.0-packed31'
  return isWhole && isKnown ? envelope : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
