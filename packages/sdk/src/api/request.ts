import { readRefusal, readText } from '../body'
import type { Send } from '../compose'
import { ARouterError, isARouterError, withFunds } from '../errors'
import { type Base, createExchange } from '../exchange'
import { gatewayError } from '../gatewayError'
import { parseBounded } from '../parseBounded'
import { requestIdOf } from '../redact'
import type { Runtime } from '../runtime'
import { secretsOf } from '../secrets'
import { bill } from './bill'

/** What one call may set for itself. */
export type RequestOptions = {
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds to the first byte, and between two events of a stream. */
  readonly timeout?: number
}

/** What the API methods need of a client. */
export type Connection = {
  readonly base: Base
  readonly runtime: Runtime
  readonly send: Send
  /** Milliseconds. */
  readonly timeout: number
  /** Kept out of error messages. */
  readonly secrets: readonly string[]
}

const MOST_ERROR_BYTES = 64 * 1024
// The embeddings of a full request, the largest JSON there is, have some ten MiB.
const MOST_BYTES = 64 * 1024 * 1024

/** A 2xx answer, its body unread. */
export type Answer = {
  readonly response: Response
  /** Makes an error about the body true about funds: this very call may have bought the answer. */
  readonly honest: (error: ARouterError) => ARouterError
  /** What an error about the body must not quote. */
  readonly secrets: () => readonly string[]
  /** Puts the answer's bill on what was read of it. */
  readonly billed: <T>(value: T) => T
}

/**
 * Sends a JSON request and resolves to its 2xx answer.
 * @throws ARouterError of the class of its status.
 */
export function request(
  connection: Connection,
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<Answer> {
  if (body === undefined) return requestWith(connection, method, path, {}, options)
  const headers = { 'content-type': 'application/json' }
  return requestWith(connection, method, path, { headers, body: JSON.stringify(body) }, options)
}

/** What a request carries that is no JSON. */
export type Content = { readonly headers?: Record<string, string>; readonly body?: BodyInit }

/**
 * Sends a request and resolves to its 2xx answer. The caller's headers yield to those of `content`.
 * @throws ARouterError of the class of its status.
 */
export async function requestWith(
  connection: Connection,
  method: string,
  path: string,
  content: Content,
  options: RequestOptions,
): Promise<Answer> {
  const { base, runtime, send } = connection
  const timeout = options.timeout ?? connection.timeout
  const init: RequestInit = {
    ...content,
    method,
    headers: { ...options.headers, ...content.headers },
  }
  if (options.signal) init.signal = options.signal
  const exchange = await createExchange(base, path, init, timeout)
  const response = await send(exchange)
  const secrets = () => [...connection.secrets, ...secretsOf(exchange)]
  const honest = (error: ARouterError) =>
    exchange.signed && error.fundsMoved === 'no' ? paidFor(error) : error
  if (response.ok) {
    const billed = <T>(value: T) => bill(value, exchange.payment, base.origin)
    return { response, honest, secrets, billed }
  }
  const limits = { idle: timeout, most: MOST_ERROR_BYTES, signal: options.signal }
  const text = await readRefusal(response, runtime, limits)
  throw honest(gatewayError(text, response, runtime.now(), secrets()))
}

function paidFor(error: ARouterError): ARouterError {
  return withFunds(error, 'yes', 'The credit bought is used by the next call.')
}

/**
 * Sends a JSON request and resolves to its answer, parsed; undefined for a 204. Its members are not
 * checked against `T`.
 * @throws ARouterError of the class of its status; `malformed_answer` where it is no JSON, or
 * deeper than 256 levels; `body_too_large` over 64 MiB.
 */
export async function requestJson<T>(
  connection: Connection,
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<T> {
  return readJson(connection, await request(connection, method, path, body, options), options)
}

/** Reads an answer as JSON. @throws as {@link requestJson}. */
export async function readJson<T>(
  connection: Connection,
  answer: Answer,
  options: RequestOptions,
): Promise<T> {
  const { response, honest, secrets, billed } = answer
  const text = await readAnswer(connection, answer, options)
  try {
    return billed(response.status === 204 ? undefined : parseBounded(text)) as T // as documented: unchecked
  } catch {
    // A parser's own error would quote the answer.
    throw honest(
      new ARouterError(
        response.status,
        'malformed_answer',
        'The gateway answered with something that is not JSON, or nested too deeply. Funds moved: no. It can be tried again.',
        { requestId: requestIdOf(response, secrets()) },
      ),
    )
  }
}

/** Reads an answer as text. @throws ARouterError `body_too_large` over 64 MiB. */
export function readAnswer(
  { runtime, timeout }: Connection,
  { response, honest }: Answer,
  options: RequestOptions,
): Promise<string> {
  const limits = { idle: options.timeout ?? timeout, most: MOST_BYTES, signal: options.signal }
  return readText(response, runtime, limits).catch((error) => {
    throw isARouterError(error) ? honest(error) : error
  })
}

/** The bounds on reading an answer in events. */
export function streamBounds({ timeout }: Connection, options: RequestOptions) {
  return { idleTimeout: options.timeout ?? timeout, signal: options.signal }
}
