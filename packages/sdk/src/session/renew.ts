import { AuthenticationError } from '../errors'
import type { Token } from '../exchange'
import { authenticate } from '../siwx/authenticate'
import { calmAfterRefusal, calmLeft, readCalm } from './calm'
import type { Session, SessionParameters } from './Session'

/**
 * Signs in, unless that was refused a moment ago: with the nonce of the `PAYMENT-REQUIRED` that
 * `takeHeeded` gives, if there is one.
 * @throws as `authenticate` does; a refusal starts the calm.
 */
export async function renew(
  parameters: SessionParameters,
  adopt: Session['adopt'],
  takeHeeded: () => string | null,
  signal: AbortSignal,
): Promise<Token> {
  const { store, runtime } = parameters
  const key = keyOf(parameters)
  const standing = readCalm(await store.get(key), key)
  const wait = calmLeft(standing, runtime.now())
  if (wait > 0) throw calm(wait)
  try {
    const { jwt } = await authenticate(parameters, takeHeeded(), signal)
    const token = await adopt(jwt)
    if (!token) throw unusable()
    if (standing.failures > 0) await store.update(key, () => undefined)
    parameters.onSignedIn()
    return token
  } catch (error) {
    // The refusal is what the caller must hear.
    if (error instanceof AuthenticationError) await distrust(parameters).catch(() => undefined)
    throw error
  }
}

/** Counts a sign-in that failed. */
export async function distrust(parameters: SessionParameters): Promise<void> {
  const { store, runtime } = parameters
  const key = keyOf(parameters)
  await store.update(key, (now) => calmAfterRefusal(readCalm(now, key), runtime.now()))
}

function keyOf({ base, signer }: SessionParameters): string {
  return `calm/${base.origin}/${signer.address}`
}

function calm(wait: number): AuthenticationError {
  return new AuthenticationError(
    `Signing in was refused a moment ago and is not tried again for ${Math.ceil(wait / 1000)} s. Funds moved: no.`,
    { context: { calm: wait } },
  )
}

function unusable(): AuthenticationError {
  return new AuthenticationError(
    'The gateway signed us in with a token that cannot be used: malformed, expired, or made out to another wallet. Funds moved: no.',
  )
}
