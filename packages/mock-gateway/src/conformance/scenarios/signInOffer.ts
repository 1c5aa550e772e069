import type { Json } from '../offers'
import { BASE, SOLANA } from '../offers'

/** The `sign-in-with-x` extension of a 402 (x402 v2), with some of its fields changed. */
export function signInOffer(origin: string, changes: Json = {}, chains?: readonly Json[]): Json {
  return {
    'sign-in-with-x': {
      info: {
        domain: new URL(origin).host,
        uri: `${origin}/v1/chat/completions`,
        version: '1',
        nonce: crypto.randomUUID().replaceAll('-', ''),
        issuedAt: new Date().toISOString(),
        expirationTime: new Date(Date.now() + 300_000).toISOString(),
        statement: 'Sign in to spend your credit',
        resources: [`${origin}/v1/chat/completions`],
        ...changes,
      },
      supportedChains: chains ?? [
        { chainId: BASE, type: 'eip191' },
        { chainId: SOLANA, type: 'ed25519' },
      ],
      schema: {},
    },
  }
}
