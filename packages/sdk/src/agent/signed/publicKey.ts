import { readText } from '../../body'
import {
  decodeBase64,
  decodeBytes,
  isObject,
  type JsonObject,
  join,
  parseObject,
} from '../../encoding'
import type { Runtime } from '../../runtime'
import { decodeBase58 } from './decodeBase58'

/** Signatures of JWS (RFC 7518, RFC 8037, RFC 8812). */
export type Algorithm = 'EdDSA' | 'ES256' | 'ES256K'

/** A public key: 32 bytes for Ed25519, otherwise a point by SEC 1. */
export type PublicKey = { readonly algorithm: Algorithm; readonly bytes: Uint8Array<ArrayBuffer> }

/** Where a seller is, who fetches its keys from there, and what was fetched already, by URL. */
export type KeySource = {
  readonly origin: string
  readonly runtime: Runtime
  readonly documents: Map<string, Promise<JsonObject | undefined>>
}

const CURVES: ReadonlyMap<unknown, Algorithm> = new Map([
  ['Ed25519', 'EdDSA'],
  ['P-256', 'ES256'],
  ['secp256k1', 'ES256K'],
])
/** Multicodec prefixes of keys, as varints in hex. */
const PREFIXES: ReadonlyMap<string, Algorithm> = new Map([
  ['ed01', 'EdDSA'],
  ['8024', 'ES256'],
  ['e701', 'ES256K'],
])
const LIMITS = { idle: 3_000, total: 3_000, most: 64 * 1024 }

/**
 * The key that a DID URL names: `did:key`, `did:jwk`, and `did:web` of the seller's own host, which is the
 * only one that is asked. Undefined where it names none that is understood.
 */
export async function publicKeyOf(kid: string, source: KeySource): Promise<PublicKey | undefined> {
  const [did = '', fragment] = kid.split('#')
  const [, method, ...rest] = did.split(':')
  const id = rest.join(':')
  if (method === 'key') return fromMultibase(id)
  if (method === 'jwk') return fromJwk(parseObject(decodeBase64(id)))
  if (method !== 'web') return undefined
  const url = documentUrl(did, source.origin)
  if (url === undefined) return undefined
  const asked = source.documents.get(url) ?? fetchDocument(url, source.runtime)
  source.documents.set(url, asked)
  const document = await asked
  if (!document) return undefined
  return keyIn(document, fragment === undefined ? undefined : kid)
}

/** Whether a DID is that of the host of `origin`. */
export function isOfOrigin(kid: string, origin: string): boolean {
  return documentUrl(kid.split('#')[0] ?? '', origin) !== undefined
}

// did:web, section 2.5.2: a port is percent-encoded, and further parts are a path.
function documentUrl(did: string, origin: string): string | undefined {
  const [, method, host = '', ...path] = did.split(':')
  if (method !== 'web' || host.replace(/%3a/i, ':') !== new URL(origin).host) return undefined
  if (!path.every((part) => /^[\w.~-]+$/.test(part))) return undefined
  return `${origin}/${path.length ? path.join('/') : '.well-known'}/did.json`
}

async function fetchDocument(url: string, runtime: Runtime): Promise<JsonObject | undefined> {
  try {
    const signal = AbortSignal.timeout(LIMITS.total)
    const headers = { accept: 'application/did+json, application/json' }
    const response = await runtime.fetch(url, { redirect: 'error', headers, signal })
    return response.ok ? parseObject(await readText(response, runtime, LIMITS)) : undefined
  } catch {
    return undefined // Without its key, the caller says that a statement cannot be checked.
  }
}

function keyIn({ verificationMethod }: JsonObject, kid: string | undefined): PublicKey | undefined {
  const methods = Array.isArray(verificationMethod) ? verificationMethod.filter(isObject) : []
  const fits = ({ id }: JsonObject) =>
    kid === undefined || id === kid || id === kid.slice(kid.indexOf('#'))
  const method = methods.find(fits)
  if (isObject(method?.publicKeyJwk)) return fromJwk(method.publicKeyJwk)
  const text = method?.publicKeyMultibase
  return typeof text === 'string' ? fromMultibase(text) : undefined
}

function fromMultibase(text: string): PublicKey | undefined {
  const bytes = text.startsWith('z') ? decodeBase58(text.slice(1)) : undefined
  if (!bytes) return undefined
  const prefix = [...bytes.subarray(0, 2)].map((byte) => byte.toString(16).padStart(2, '0'))
  const algorithm = PREFIXES.get(prefix.join(''))
  return algorithm && { algorithm, bytes: bytes.slice(2) }
}

function fromJwk(jwk: JsonObject | undefined): PublicKey | undefined {
  const algorithm = CURVES.get(jwk?.crv)
  if (!jwk || !algorithm || typeof jwk.x !== 'string') return undefined
  const x = decodeBytes(jwk.x)
  if (algorithm === 'EdDSA') return { algorithm, bytes: x }
  if (typeof jwk.y !== 'string') return undefined
  return { algorithm, bytes: join([Uint8Array.of(4), x, decodeBytes(jwk.y)]) }
}
