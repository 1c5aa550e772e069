import { networkOf } from '../networks'

/** Base and Solana mainnet: where the payer's user means to pay. */
export const BASE = 'eip155:8453'
export const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

/** USDC there. */
export const USDC = networkOf(BASE).asset
export const SOLANA_USDC = networkOf(SOLANA).asset

/** Somebody who was never mentioned before. */
export const STRANGER = '0x000000000000000000000000000000000000dEaD'
export const SOLANA_STRANGER = 'Vote111111111111111111111111111111111111111'

/** A JSON object of a scenario's making. */
export type Json = Readonly<Record<string, unknown>>

/** Standard base64 of JSON, or of a text as it is. */
export function base64(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return Buffer.from(text, 'utf8').toString('base64')
}

/** An unsigned token in the form of a JWT. */
export function forgeJwt(claims: Json = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const jti = crypto.randomUUID()
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ jti, ...claims })}.${part('no signature')}`
}

/** An x402 v2 envelope for a resource at `origin`. */
export function envelope(origin: string, accepts: unknown, changes: Json = {}): Json {
  return {
    x402Version: 2,
    error: 'payment required',
    resource: { url: `${origin}/v1/chat/completions`, description: 'credit', mimeType: '' },
    accepts,
    ...changes,
  }
}

/** The same offers as x402 v1 states them. */
export function envelopeV1(origin: string, accepts: readonly Json[], changes: Json = {}): Json {
  return {
    x402Version: 1,
    error: 'payment required',
    accepts: accepts.map(({ amount, network, ...offer }) => ({
      maxAmountRequired: amount,
      network: network === SOLANA ? 'solana' : 'base',
      resource: `${origin}/v1/chat/completions`,
      description: 'credit',
      mimeType: 'application/json',
      ...offer,
    })),
    ...changes,
  }
}
