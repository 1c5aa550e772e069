import { decodeBase64, isObject, parseObject } from './encoding'
import {
  ARouterError,
  AuthenticationError,
  InsufficientCreditsError,
  QuotaExceededError,
  RateLimitError,
} from './errors'
import { conceal, redact, requestIdOf } from './redact'
import { retryAfter } from './retry'

/** An error body: `{"error":{"message","type"}}`, or the flat `{"code","message"}` of old. */
export type ErrorBody = {
  readonly message: string
  readonly code: string
  readonly requestId: string | undefined
}

/** Reads an error body whatever its form. `secrets` are kept out of the message. */
export function readError(
  text: string,
  response: Response,
  secrets: readonly string[] = [],
): ErrorBody {
  const body = parseObject(text) ?? {}
  const inner = isObject(body.error) ? body.error : body
  const message = [inner.message, body.message, body.error].find(
    (value) => typeof value === 'string',
  )
  const code = [inner.code, inner.type, body.code].find((value) => typeof value === 'string')
  return {
    message: redact(String(message ?? response.statusText), secrets) || `status ${response.status}`,
    code: redact(String(code ?? 'unknown_error'), secrets),
    requestId: requestIdOf(response, secrets),
  }
}

// Shown as it came, so only where it is what it should be, and quotes nothing of ours.
function termsIn(headers: Headers, secrets: readonly string[]): string | undefined {
  const header = headers.get('payment-required') ?? undefined
  const terms = decodeBase64(header ?? '')
  return parseObject(terms) && conceal(terms ?? '', secrets) === terms ? header : undefined
}

const OUT_OF_CREDIT = /quota|balance|credit|insufficient|limit/i

/** The typed error for an answer that is not 2xx. */
export function gatewayError(
  text: string,
  response: Response,
  now: number,
  secrets: readonly string[],
): ARouterError {
  const { message, code, requestId } = readError(text, response, secrets)
  const { status, headers } = response
  const said = `${message.replace(/\.$/, '')}. Funds moved: no.`
  if (status === 401)
    return new AuthenticationError(`${said} Check the key or the wallet.`, { requestId })
  if (status === 402) {
    const header = termsIn(headers, secrets)
    return new InsufficientCreditsError(
      `${said} Add credit, or give the client a wallet.`,
      header,
      {
        requestId,
      },
    )
  }
  if (
    (status === 403 && OUT_OF_CREDIT.test(`${code} ${message}`)) ||
    (status === 429 && code === 'quota_exceeded')
  ) {
    return new QuotaExceededError(`${said} Add credit to this API key.`, { requestId })
  }
  if (status === 429) {
    const wait = retryAfter(headers, now)
    const seconds = wait === undefined ? undefined : Math.ceil(wait / 1000)
    return new RateLimitError(`${said} Wait, then try again.`, seconds, { requestId })
  }
  const advice = status >= 500 ? 'It can be tried again.' : 'Change the request.'
  return new ARouterError(status, code, `${said} ${advice}`, { requestId })
}
