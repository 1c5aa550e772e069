import { isSignedBy, recover, statementDigest } from '@arouter/x402-evm/verify'
import { decodeBase64, decodeBytes, isObject, type JsonObject, parseObject } from '../../encoding'
import { type KeySource, type PublicKey, publicKeyOf } from './publicKey'

/** A statement that can be read: what it claims, and what it was taken from. */
export type Statement = { readonly claims: JsonObject; readonly statement: JsonObject }

/** EIP-712 types of the extension's two statements (sections 4.3 and 5.3). */
const TYPES = {
  offer: {
    name: 'x402 offer',
    primaryType: 'Offer',
    fields: [
      'uint256 version',
      'string resourceUrl',
      'string scheme',
      'string network',
      'string asset',
      'string payTo',
      'string amount',
      'uint256 validUntil',
    ],
  },
  receipt: {
    name: 'x402 receipt',
    primaryType: 'Receipt',
    fields: [
      'uint256 version',
      'string network',
      'string resourceUrl',
      'string payer',
      'uint256 issuedAt',
      'string transaction',
    ],
  },
} as const

/** Reads a signed statement of version 1, its signature not looked at; undefined where it is none. */
export function readStatement(statement: unknown): Statement | undefined {
  if (!isObject(statement) || typeof statement.signature !== 'string') return undefined
  const { format, payload, signature } = statement
  const isJws = format === 'jws'
  const claims = isJws ? parseObject(decodeBase64(signature.split('.')[1] ?? '')) : payload
  if ((!isJws && format !== 'eip712') || !isObject(claims) || claims.version !== 1) return undefined
  return { claims, statement }
}

/**
 * Whose key signed a statement: a DID URL (JWS), or an address (EIP-712). `false` where the key it names
 * did not, undefined where that key cannot be had.
 */
export async function signerOf(
  { claims, statement }: Statement,
  kind: keyof typeof TYPES,
  source: KeySource,
): Promise<string | false | undefined> {
  const signature = String(statement.signature)
  if (statement.format === 'eip712') {
    const { name, ...type } = TYPES[kind]
    const digest = statementDigest({ domain: { name, version: '1', chainId: 1n }, ...type, claims })
    return (digest && recover(digest, signature)) ?? false
  }
  const [head = '', payload = '', mac = '', ...more] = signature.split('.')
  const header = parseObject(decodeBase64(head))
  if (!header || more.length > 0) return false
  if (typeof header.kid !== 'string' || header.crit !== undefined) return undefined
  try {
    const key = await publicKeyOf(header.kid, source)
    if (!key || header.alg !== key.algorithm) return undefined
    const signed = new TextEncoder().encode(`${head}.${payload}`)
    return (await isValid(key, signed, decodeBytes(mac))) && header.kid
  } catch {
    return undefined // A key, or a signature, of no form that is known here.
  }
}

async function isValid(
  { algorithm, bytes }: PublicKey,
  signed: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (algorithm === 'ES256K') return isSignedBy(bytes, signed, signature)
  const isEd25519 = algorithm === 'EdDSA'
  const type = isEd25519 ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('raw', bytes, type, false, ['verify'])
  const use = isEd25519 ? type : { name: 'ECDSA', hash: 'SHA-256' }
  return crypto.subtle.verify(use, key, signature, signed)
}
