import { readText } from '../body'
import type { GatewayClock } from '../clock'
import { compose } from '../compose'
import { encodeBase64, parseObject } from '../encoding'
import { ARouterError, AuthenticationError } from '../errors'
import {
  abortable,
  type Base,
  discard,
  type Exchange,
  throwIfAborted,
  transport,
} from '../exchange'
import { readError } from '../gatewayError'
import { requestIdOf } from '../redact'
import { retry } from '../retry'
import type { Runtime } from '../runtime'
import { walletFailed } from '../walletFailed'
import { siwxMessage } from './message'

/** Something that signs messages for an address: all that signing in takes. */
export type MessageSigner = {
  /** EIP-55 or base58. */
  readonly address: string
  /** Resolves to 0x-hex (EIP-191) or standard base64 (Ed25519). */
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<string>
  /** True where signing asks a person. */
  readonly interactive?: boolean
}

/** What a gateway answers to a sign-in. */
export type SIWxAuthResult = {
  readonly jwt: string
  readonly tenantId: string
  readonly keyId: string
}

export type SignInParameters = {
  readonly base: Base
  readonly runtime: Runtime
  readonly clock: GatewayClock
  readonly signer: MessageSigner
  /** CAIP-2 reference: the message's `Chain ID`. */
  readonly chainId: string
  readonly statement: string
  /** Milliseconds to the first byte. */
  readonly timeout: number
}

const MOST_BYTES = 64 * 1024
// Signing in changes nothing at the gateway, so a lost answer is asked for again by itself.
const RETRIES = 2

/**
 * Signs in with the wallet: `POST /v1/x402/auth` with `SIGN-IN-WITH-X` (CAIP-122, ARouter's
 * envelope). Domain and URI come from the configured base URL only.
 * @throws AuthenticationError where the proof is refused; ARouterError `sign_in_unavailable` where
 * there is no such endpoint; WalletRejectedError; ConnectionError; TimeoutError.
 */
export async function authenticate(
  parameters: SignInParameters,
  signal: AbortSignal | undefined,
): Promise<SIWxAuthResult> {
  for (let corrected = false; ; corrected = true) {
    let sends = 0
    const send = compose([retry(parameters.runtime, RETRIES)], (exchange) => {
      sends++
      return transport(parameters.runtime)(exchange)
    })
    const response = await send(await proof(parameters, signal))
    // Learned first: by a clock that is ahead, the token that comes may look expired.
    const moved = parameters.clock.learn(response.headers)
    if (response.ok) return readResult(await read(response, parameters, signal), response)
    // A proof may be stale by the gateway's clock, or used up by a try whose answer was lost.
    if (response.status === 401 && !corrected && (moved > 0 || sends > 1)) {
      discard(response)
      continue
    }
    throw await refusal(response, parameters, signal)
  }
}

async function proof(
  parameters: SignInParameters,
  signal: AbortSignal | undefined,
): Promise<Exchange> {
  const { base, clock, signer, chainId, statement } = parameters
  const message = siwxMessage({
    domain: new URL(base.origin).host,
    address: signer.address,
    statement,
    uri: `https://${base.url.replace(/^https?:\/\//, '')}/v1/x402/auth`,
    chainId,
    nonce: randomHex(16),
    issuedAt: new Date(clock.now() * 1000).toISOString(),
  })
  throwIfAborted(signal)
  const signature = await abortable(signer.signMessage(message, signal), signal).catch((cause) => {
    throw walletFailed(cause, 'sign in')
  })
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
    timeout: parameters.timeout,
  }
}

/** `bytes` random bytes in hex, from the platform's CSPRNG. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function read(
  response: Response,
  { runtime, timeout }: SignInParameters,
  signal: AbortSignal | undefined,
) {
  return readText(response, runtime, { idle: timeout, total: timeout, most: MOST_BYTES, signal })
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
    const text = await read(response, parameters, signal)
    const { message, requestId } = readError(text, response)
    return new AuthenticationError(
      `The gateway refused the wallet's sign-in: ${message}. Funds moved: no. Check the address, the chain and the clock.`,
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
