import { isObject } from '../encoding'
import { ARouterError, StreamError } from '../errors'
import { plainCause } from '../plainCause'
import { quote, redact, requestIdOf } from '../redact'
import { SseError } from './SseError'

const CODES = {
  stalled: 'stream_stalled',
  too_long: 'stream_too_long',
  reset: 'stream_reset',
  error_event: 'stream_error',
  malformed_json: 'stream_malformed',
  truncated: 'stream_truncated',
} as const

const QUOTES = new Set(['error_event', 'malformed_json'])

/** The typed error for a stream that did not end as it should, with none of `secrets` in it. */
export function streamFailed(
  cause: unknown,
  response: Response,
  secrets: readonly string[] = [],
): ARouterError {
  const requestId = requestIdOf(response, secrets)
  const reason = cause instanceof SseError ? cause.reason : 'reset'
  if (reason === 'aborted') {
    const error = new ARouterError(0, 'aborted', 'The stream was aborted. Funds moved: no.', {
      cause,
    })
    error.name = 'AbortError'
    return error
  }
  return new StreamError(CODES[reason], `${sayWhy(cause, secrets)} Funds moved: no.`, {
    // These causes quote what the server wrote, unredacted.
    ...(!QUOTES.has(reason) && { cause: plainCause(cause) }),
    requestId,
  })
}

function sayWhy(cause: unknown, secrets: readonly string[]): string {
  if (!(cause instanceof SseError)) return 'The stream broke off.'
  const { detail } = cause
  const said =
    isObject(detail) && typeof detail.message === 'string' ? redact(detail.message, secrets) : ''
  return said ? `${cause.message} The gateway said: ${quote(said)}.` : cause.message
}
