import { encode58 } from './base58'
import { concat, decode32 } from './bytes'
import { isOnCurve } from './isOnCurve'
import { ASSOCIATED_TOKEN, TOKEN } from './programs'
import { WalletError } from './WalletError'

const known = new Map<string, string>()
const KNOWN_LIMIT = 256

/**
 * The associated token account of an owner: the program-derived address of owner, token program and
 * mint, with the highest bump that is off the curve. `owner` and `mint` are base58 of 32 bytes.
 */
export async function tokenAccount(owner: string, mint: string): Promise<string> {
  const key = `${owner}/${mint}`
  const found = known.get(key) ?? (await derive(owner, mint))
  if (known.size >= KNOWN_LIMIT) known.clear()
  known.set(key, found)
  return found
}

async function derive(owner: string, mint: string): Promise<string> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new WalletError('unsupported_runtime', 'WebCrypto is missing: use https or localhost.')
  }
  const seeds = concat(decode32(owner), decode32(TOKEN), decode32(mint))
  const suffix = concat(
    decode32(ASSOCIATED_TOKEN),
    new TextEncoder().encode('ProgramDerivedAddress'),
  )
  for (let bump = 255; bump >= 0; bump--) {
    const hash = await crypto.subtle.digest('SHA-256', concat(seeds, [bump], suffix))
    const address = new Uint8Array(hash)
    if (!isOnCurve(address)) return encode58(address)
  }
  throw new WalletError('refused', 'The owner has no associated token account.')
}
