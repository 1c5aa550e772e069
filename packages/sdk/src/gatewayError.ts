import { decodeBase64, parseObject } from './encoding'
import {
  ARouterError,
  AuthenticationError,
  InsufficientCreditsError,
  QuotaExceededError,
  RateLimitError,
} from './errors'
import { readError } from './readError'
import { conceal } from './redact'
import { retryAfter } from './retry'

/** Codes with which this SDK states what it did or saw itself: they mean that from nobody else. */
const OURS =
  /^(?:aborted|timeout|(?:answer|approval|attempt|balance|body|budget|clock|connection|cross|insecure|key0|key_pass|malformed|paid|pay|payment|redirect|sign_in|store|stream|wallet)_.*|invalid_(?:option|path|payment_required|signer|url)|origin_not_allowed|idempotency_key_reused|insufficient_funds|no_(?:acceptable_offer|price|such_payment|wallet))$/i

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
  const { message, answer, code: gatewayCode, requestId } = readError(text, response, secrets)
  const { status, headers } = response
  const said = `The gateway answered ${answer}. Funds moved: no.`
  const details = { requestId, context: gatewayCode === undefined ? {} : { gatewayCode } }
  if (status === 401)
    return new AuthenticationError(`${said} Check the key or the wallet.`, details)
  if (status === 402) {
    const header = termsIn(headers, secrets)
    const advice = 'Add credit, or give the client a wallet.'
    return new InsufficientCreditsError(`${said} ${advice}`, header, details)
  }
  if (
    (status === 403 && OUT_OF_CREDIT.test(`${gatewayCode} ${message}`)) ||
    (status === 429 && gatewayCode === 'quota_exceeded')
  ) {
    return new QuotaExceededError(`${said} Add credit to this API key.`, details)
  }
  if (status === 429) {
    const wait = retryAfter(headers, now)
    const seconds = wait === undefined ? undefined : Math.ceil(wait / 1000)
    return new RateLimitError(`${said} Wait, then try again.`, seconds, details)
  }
  const advice = status >= 500 ? 'It can be tried again.' : 'Change the request.'
  const foreign = gatewayCode && OURS.test(gatewayCode) ? undefined : gatewayCode
  return new ARouterError(status, foreign ?? 'unknown_error', `${said} ${advice}`, details)
}
