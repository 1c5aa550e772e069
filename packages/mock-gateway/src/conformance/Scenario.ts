import type { Stage } from './stage'

/** Families, in the order of the report. */
export const families = [
  'honest offers',
  'honest traffic',
  'terms on EVM',
  'terms on Solana',
  'envelopes',
  'later 402s',
  'signatures',
  'redirects',
  'spoofed answers',
  'sign-in',
  'origins',
  'bounds',
  'clock',
  'lost answers',
  'Key0 sellers',
  'aixbt sellers',
  'Solrouter sellers',
  'concurrency',
  'budget',
  'secrets',
] as const

/** A group of scenarios that is scored by itself. */
export type Family = (typeof families)[number]

/** What a payer may be able to do beyond paying on an EVM chain; found out by trying. */
export const capabilities = ['evm', 'solana', 'v1', 'session', 'sign-in', 'siwx'] as const

/**
 * `evm`, `solana`: pays there. `v1`: pays terms of x402 version 1. `session`: spends the token of a
 * receipt. `sign-in`: signs in at `/v1/x402/auth`. `siwx`: answers the `sign-in-with-x` extension.
 */
export type Capability = (typeof capabilities)[number]

/** One thing a payer must refuse or must accept. */
export interface Scenario {
  readonly family: Family
  /** A phrase that is unique within the family. */
  readonly name: string
  /** `attack`: something must not happen. `honest`: something must. */
  readonly kind: 'attack' | 'honest'
  /** It applies to payers that have one of each of these. */
  readonly needs: readonly (Capability | readonly Capability[])[]
  /** Resolves to what the payer did wrong, or undefined. */
  readonly run: (stage: Stage) => Promise<string | undefined>
}
