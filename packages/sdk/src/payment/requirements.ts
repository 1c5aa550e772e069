import { isObject, type JsonObject, parseHeader } from '../encoding'
import { PaymentPolicyError } from '../errors'
import type { SignedStatement } from './SignedStatement'

/** One entry of `accepts`: what a seller would take. Checked for form only. */
export type Offer = {
  readonly scheme: string
  /** CAIP-2. */
  readonly network: string
  /** Atomic units of `asset`. */
  readonly amount: bigint
  readonly asset: string
  readonly payTo: string
  /** Seconds. */
  readonly maxTimeoutSeconds: number
  readonly extra: JsonObject
  /** As the seller wrote it, to be echoed as `accepted`. */
  readonly raw: JsonObject
  /** The same, signed, where the seller does that. */
  readonly signed?: SignedStatement
}

/** A 402, decoded. `malformed` says why entries of `accepts` were left out. */
export type PaymentRequired = {
  readonly x402Version: 1 | 2
  readonly error?: string | undefined
  readonly resource?: JsonObject | undefined
  readonly resourceUrls: readonly string[]
  /** By name, as the seller wrote them. */
  readonly extensions: JsonObject
  readonly offers: readonly Offer[]
  readonly malformed: readonly string[]
}

const MOST_OFFERS = 16
const LONGEST_TIMEOUT_S = 3_600
/** Names of x402 v1 for the networks this SDK knows. */
const V1_NETWORKS: ReadonlyMap<string, string> = new Map([
  ['base', 'eip155:8453'],
  ['base-sepolia', 'eip155:84532'],
  ['solana', 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'],
  ['solana-devnet', 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'],
])

/**
 * Decodes `PAYMENT-REQUIRED` (x402 v2, HTTP transport), or undefined where there is no such header.
 * @throws PaymentPolicyError `invalid_payment_required`; nothing is signed.
 */
export function decodeHeader(headers: Headers): PaymentRequired | undefined {
  const header = headers.get('payment-required')
  if (header === null) return undefined
  const value = parseHeader(header)
  if (!value)
    throw malformed('its PAYMENT-REQUIRED header is not base64 of a JSON object, or too large')
  return decode(value)
}

/**
 * Decodes a 402 body: x402 v1, or a copy of the v2 header; undefined where it is no x402 at all.
 * @throws PaymentPolicyError `invalid_payment_required`; nothing is signed.
 */
export function decodeBody(body: unknown): PaymentRequired | undefined {
  return isObject(body) && 'x402Version' in body ? decode(body) : undefined
}

function decode(value: JsonObject): PaymentRequired {
  const { x402Version, accepts, resource, error, extensions } = value
  if (x402Version !== 1 && x402Version !== 2) throw malformed('its x402Version is neither 1 nor 2')
  if (!Array.isArray(accepts)) throw malformed('it has no list of offers')
  if (accepts.length > MOST_OFFERS) throw malformed(`it has more than ${MOST_OFFERS} offers`)
  if (resource !== undefined && !isObject(resource)) throw malformed('its resource is no object')
  const entries: readonly unknown[] = accepts
  const read = entries.map((entry) => readOffer(entry, x402Version))
  const urls = x402Version === 2 ? [resource?.url] : entries.filter(isObject).map((e) => e.resource)
  const resourceUrls = urls.filter((url) => url !== undefined)
  if (!resourceUrls.every((url) => typeof url === 'string'))
    throw malformed('its resource URL is no string')
  return {
    x402Version,
    error: typeof error === 'string' ? error : undefined,
    resource: isObject(resource) ? resource : undefined,
    resourceUrls,
    extensions: isObject(extensions) ? extensions : {},
    offers: read.filter((offer) => typeof offer !== 'string'),
    malformed: read.filter((offer) => typeof offer === 'string'),
  }
}

// No coercion anywhere: a number for an amount or a string for a time is a malformed offer.
function readOffer(raw: unknown, x402Version: 1 | 2): Offer | string {
  if (!isObject(raw)) return 'an offer is no object'
  const { scheme, network: named, asset, payTo, maxTimeoutSeconds: seconds } = raw
  const amount = x402Version === 1 ? raw.maxAmountRequired : raw.amount
  const extra = raw.extra ?? {}
  if (typeof scheme !== 'string') return 'scheme is no string'
  if (typeof named !== 'string') return 'network is no string'
  const network = (x402Version === 1 && V1_NETWORKS.get(named)) || named
  if (typeof amount !== 'string' || !/^[1-9]\d{0,77}$/.test(amount)) {
    return 'the amount is no positive whole number of atomic units'
  }
  if (typeof asset !== 'string' || typeof payTo !== 'string') return 'asset or payTo is no string'
  if (typeof seconds !== 'number' || !Number.isInteger(seconds))
    return 'maxTimeoutSeconds is no integer'
  if (seconds < 1 || seconds > LONGEST_TIMEOUT_S) {
    return `maxTimeoutSeconds is not between 1 and ${LONGEST_TIMEOUT_S}`
  }
  if (!isObject(extra)) return 'extra is no object'
  return {
    scheme,
    network,
    amount: BigInt(amount),
    asset,
    payTo,
    maxTimeoutSeconds: seconds,
    extra,
    raw,
  }
}

function malformed(why: string): PaymentPolicyError {
  return new PaymentPolicyError(
    'invalid_payment_required',
    `The gateway's 402 cannot be read: ${why}. Funds moved: no, nothing was signed.`,
  )
}
