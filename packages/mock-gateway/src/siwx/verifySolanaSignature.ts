import type { Address } from '@solana/kit'
import { getAddressEncoder, getBase58Encoder } from '@solana/kit'

const BASE58 = /^[1-9A-HJ-NP-Za-km-z]+$/
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** Whether `address` signed `message` (ed25519); the signature in base64, base64url or base58. */
export async function verifySolanaSignature(
  address: Address,
  message: string,
  signature: string,
): Promise<boolean> {
  const bytes = new Uint8Array(getAddressEncoder().encode(address))
  const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
  for (const candidate of readings(signature)) {
    const data = new TextEncoder().encode(message)
    if (await crypto.subtle.verify('Ed25519', key, candidate, data)) return true
  }
  return false
}

/** A text can be both base58 and base64; each reading of 64 bytes is tried. */
function readings(signature: string): Uint8Array<ArrayBuffer>[] {
  const found: Uint8Array<ArrayBuffer>[] = []
  if (signature.length > 128) return found
  if (BASE64.test(signature)) found.push(Uint8Array.from(Buffer.from(signature, 'base64')))
  if (BASE58.test(signature)) found.push(Uint8Array.from(getBase58Encoder().encode(signature)))
  return found.filter((bytes) => bytes.length === 64)
}
