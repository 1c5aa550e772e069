import { readRefusal, readText } from '../body'
import { encodeBase64, parseObject } from '../encoding'
import { ARouterError, AuthenticationError } from '../errors'
import { discard, type Exchange, NOT_YET_SENT, transport } from '../exchange'
import { readError } from '../readError'
import { requestIdOf } from '../redact'
import { retry } from '../retry'
import { readOffer, type SignInOffer } from './offer'
import { prove } from './prove'
import type { SIWxAuthResult, SignInParameters } from './SignIn'

const MOST_BYTES = 64 * 1024
// Signing in changes nothing at the gateway, so a lost answer is asked for again by itself.
const RETRIES = 2
/** Statuses with which a proof is refused, and may come with an offer of how to make a better one. */
const REFUSALS = new Set([400, 401, 402, 403])

/**
 * Signs in with the wallet: `POST /v1/x402/auth` with `SIGN-IN-WITH-X` (CAIP-122, ARouter's
 * envelope). Domain and URI come from the configured base URL only; the nonce is the one `header`, a
 * `PAYMENT-REQUIRED`, or a refusal offers, else our own.
 * @throws AuthenticationError where the proof is refused; ARouterError `sign_in_unavailable` where
 * there is no such endpoint, `sign_in_refused`, `clock_off`; WalletRejectedError; ConnectionError;
 * TimeoutError.
 */
export async function authenticate(
  parameters: SignInParameters,
  header: string | null,
  signal: AbortSignal | undefined,
): Promise<SIWxAuthResult> {
  const { base, clock, runtime, timeout } = parameters
  let offer = readOffer(header, base)
  for (let tries = 0; ; tries++) {
    let sends = 0
    const exchange = await proven(parameters, offer, signal)
    const response = await retry(runtime, RETRIES)(exchange, (each) => {
      sends++
      return transport(runtime)(each)
    })
    // Learned first: by a clock that is ahead, the token that comes may look expired.
    const moved = clock.learn(response.headers)
    if (response.ok) {
      const limits = { idle: timeout, total: timeout, most: MOST_BYTES, signal }
      return readResult(await readText(response, runtime, limits), response)
    }
    if (!REFUSALS.has(response.status)) throw await refusal(response, parameters, signal)
    const offered = readOffer(response.headers.get('payment-required'), base)
    // A proof may be stale by the gateway's clock, or lack its nonce; or a try whose answer was lost
    // has used it up.
    const isCurable = tries === 0 && (moved > 0 || offered !== undefined || offer !== undefined)
    if (tries > 1 || !(isCurable || sends > 1)) {
      const error = await refusal(response, parameters, signal)
      clock.toSign() // Throws where the clock is why: too far off to be corrected.
      throw error
    }
    discard(response)
    offer = offered
  }
}

async function proven(
  parameters: SignInParameters,
  offer: SignInOffer | undefined,
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  const { base, timeout } = parameters
  const uri = `https://${base.url.replace(/^https?:\/\//, '')}/v1/x402/auth`
  const { message, signature } = await prove(parameters, uri, offer, signal)
  return {
    url: `${base.url}/v1/x402/auth`,
    method: 'POST',
    headers: new Headers({
      'content-type': 'application/json',
      'sign-in-with-x': encodeBase64(JSON.stringify({ message, signature })),
    }),
    body: undefined,
    init: undefined,
    signal,
    timeout,
    ...NOT_YET_SENT,
  }
}

function readResult(text: string, response: Response): SIWxAuthResult {
  const { jwt, tenant_id: tenantId, key_id: keyId } = parseObject(text) ?? {}
  if (typeof jwt !== 'string' || jwt === '') {
    throw new AuthenticationError(
      'The gateway accepted the sign-in but returned no token. Funds moved: no. Report it to the gateway.',
      { requestId: requestIdOf(response) },
    )
  }
  return {
    jwt,
    tenantId: typeof tenantId === 'string' ? tenantId : '',
    keyId: typeof keyId === 'string' ? keyId : '',
  }
}

async function refusal(
  response: Response,
  parameters: SignInParameters,
  signal: AbortSignal | undefined,
): Promise<ARouterError> {
  const { status } = response
  if (status === 404 || status === 405 || status === 501) {
    discard(response)
    return new ARouterError(
      status,
      'sign_in_unavailable',
      'This gateway has no sign-in endpoint. Funds moved: no.',
    )
  }
  if (status < 500 && status !== 408 && status !== 429) {
    const limits = { idle: parameters.timeout, most: MOST_BYTES, signal }
    const text = await readRefusal(response, parameters.runtime, limits)
    const { answer, requestId } = readError(text, response)
    return new AuthenticationError(
      `The gateway refused the wallet's sign-in: it answered ${answer}. Funds moved: no. Check the address, the chain and the clock.`,
      { requestId, context: { status } },
    )
  }
  discard(response)
  return new ARouterError(
    status,
    'sign_in_failed',
    `Signing in failed with status ${status}. Funds moved: no. It can be tried again.`,
    { requestId: requestIdOf(response) },
  )
}
