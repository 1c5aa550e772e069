import { isObject, parseObject } from './encoding'
import { quote, redact, requestIdOf } from './redact'

/** An error body: `{"error":{"message","type"}}`, or the flat `{"code","message"}` of old. */
export type ErrorBody = {
  /** Its words, redacted; empty where it has none. */
  readonly message: string
  /** How it answered, for the middle of a sentence: the status, and its words as a quotation. */
  readonly answer: string
  /** Its own code, where that is one. */
  readonly code: string | undefined
  readonly requestId: string | undefined
}

const CODE = /^[a-z][\w.-]{0,63}$/i

/** Reads an error body whatever its form. `secrets` are kept out of it. */
export function readError(
  text: string,
  response: Response,
  secrets: readonly string[] = [],
): ErrorBody {
  const body = parseObject(text) ?? {}
  const inner = isObject(body.error) ? body.error : body
  const words = [inner.message, body.message, body.error].find((value) => typeof value === 'string')
  const code = [inner.code, inner.type, body.code].find((value) => typeof value === 'string')
  const message = redact(String(words ?? response.statusText), secrets)
  const named = redact(String(code ?? ''), secrets)
  return {
    message,
    answer: message ? `${response.status}: ${quote(message)}` : String(response.status),
    code: CODE.test(named) ? named : undefined,
    requestId: requestIdOf(response, secrets),
  }
}
