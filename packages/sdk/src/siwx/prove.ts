import { abortable, throwIfAborted } from '../exchange'
import { randomHex } from '../randomHex'
import { walletFailed } from '../walletFailed'
import { type SiwxFields, siwxMessage } from './message'
import type { SignInOffer } from './offer'
import type { SignInParameters } from './SignIn'

/** A sign-in message and the wallet's signature of it. */
export type Proof = {
  readonly fields: SiwxFields
  readonly message: string
  readonly signature: string
}

/** How long a proof is good for, from its time of issue. */
const LIFETIME_MS = 5 * 60_000

/**
 * Has the wallet sign a sign-in to the configured origin: the one place that asks for it. Of `offer`
 * it takes the nonce, the time of issue if that is within five minutes of the gateway's clock, and
 * an earlier end.
 * @throws ARouterError `clock_off`, `invalid_option`, `wallet_failed`; WalletRejectedError.
 */
export async function prove(
  { base, clock, signer, chainId, statement }: SignInParameters,
  uri: string,
  offer: SignInOffer | undefined,
  signal: AbortSignal | undefined,
): Promise<Proof> {
  const now = clock.toSign() * 1000
  const offered = offer?.issuedAt ?? now
  const issuedAt = Math.abs(offered - now) <= LIFETIME_MS ? offered : now
  const end = Math.min(issuedAt, now) + LIFETIME_MS
  const fields = {
    domain: new URL(base.origin).host,
    address: signer.address,
    statement,
    uri,
    chainId,
    nonce: offer?.nonce ?? randomHex(16),
    issuedAt: new Date(issuedAt).toISOString(),
    expirationTime: new Date(Math.min(end, offer?.expirationTime ?? end)).toISOString(),
  }
  const message = siwxMessage(fields)
  throwIfAborted(signal)
  const signature = await abortable(signer.signMessage(message, signal), signal).catch((cause) => {
    throw walletFailed(cause, 'sign in')
  })
  return { fields, message, signature }
}
