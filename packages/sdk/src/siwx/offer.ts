import { isObject, parseHeader } from '../encoding'
import { ARouterError } from '../errors'
import type { Base } from '../exchange'

/** What is taken from a `sign-in-with-x` offer (x402 extension): nothing else in it is looked at. */
export type SignInOffer = {
  readonly nonce: string
  /** Milliseconds, where it states a time that can be read. */
  readonly issuedAt: number | undefined
  /** Milliseconds, where it states a time that can be read. */
  readonly expirationTime: number | undefined
  /** CAIP-2 ids. */
  readonly chains: readonly string[]
}

const EXTENSION = 'sign-in-with-x'
const NONCE = /^[A-Za-z0-9]{8,128}$/
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/

/**
 * The sign-in that a `PAYMENT-REQUIRED` header offers, or undefined. Who signs in where and with
 * which words is ours to say: an offer brings a nonce, times and chains.
 * @throws ARouterError `sign_in_refused` for an offer of another domain or URI, or a malformed nonce.
 */
export function readOffer(header: string | null, base: Base): SignInOffer | undefined {
  const extensions = parseHeader(header)?.extensions
  const offer = isObject(extensions) ? extensions[EXTENSION] : undefined
  if (!isObject(offer)) return undefined
  const info = isObject(offer.info) ? offer.info : {}
  if (info.domain !== new URL(base.origin).host) throw refused('it is for another domain')
  if (originOf(info.uri) !== base.origin) throw refused('it is for a URI of another origin')
  if (typeof info.nonce !== 'string' || !NONCE.test(info.nonce)) {
    throw refused('its nonce is not 8 to 128 letters and digits')
  }
  const chains: readonly unknown[] = Array.isArray(offer.supportedChains)
    ? offer.supportedChains
    : []
  return {
    nonce: info.nonce,
    issuedAt: timeOf(info.issuedAt),
    expirationTime: timeOf(info.expirationTime),
    chains: chains
      .map((chain) => (isObject(chain) ? chain.chainId : undefined))
      .filter((id) => typeof id === 'string'),
  }
}

function originOf(uri: unknown): string | undefined {
  return typeof uri === 'string' && URL.canParse(uri) ? new URL(uri).origin : undefined
}

function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' && TIME.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

function refused(why: string): ARouterError {
  return new ARouterError(
    402,
    'sign_in_refused',
    `The gateway offers a sign-in that must not be signed: ${why}. Funds moved: no, nothing was signed. Check baseURL.`,
  )
}
