import { WalletError } from './WalletError'

/** The order of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * Checks the form of what a signer returned: 65 bytes that can be an ECDSA signature (`v` 0 or 1 is
 * written as 27 or 28), or longer for a contract account (ERC-1271, ERC-6492). Throws `WalletError`
 * `bad_signature`.
 */
export function readSignature(signature: unknown): string {
  if (typeof signature !== 'string' || !/^0x(?:[0-9a-fA-F]{2}){65,}$/.test(signature)) {
    throw bad('is not 0x and at least 65 bytes of hex')
  }
  if (signature.length > 132) return signature
  const r = BigInt(signature.slice(0, 66))
  const s = BigInt(`0x${signature.slice(66, 130)}`)
  const v = Number.parseInt(signature.slice(130), 16)
  if (r === 0n || r >= ORDER) throw bad('has an r out of range')
  // EIP-2 allows no larger `s` than half the order, and so does USDC's ECRecover.
  if (s === 0n || s > ORDER / 2n) throw bad('has an s out of range')
  if (v === 27 || v === 28) return signature
  if (v > 1) throw bad('has a v other than 27 or 28')
  return signature.slice(0, 130) + (v + 27).toString(16)
}

const bad = (reason: string) =>
  new WalletError('bad_signature', `What the signer returned ${reason}; it was not sent.`)
