import type { ARouter } from './ARouter'
import { type ARouterError, isARouterError } from './errors'

/** No money has moved, and the next try may go well. An abort is the caller's own doing. */
const TRANSIENT: readonly string[] = ['connection_error', 'timeout', 'aborted']

/**
 * The `fetch` of a client for a library that sends again by itself, such as Anthropic's SDK or
 * LangChain. It throws only where trying again costs nothing: a failed connection, or a timeout,
 * before any payment. Every other failure (money may have moved, a limit, a wallet's no) comes as
 * an answer of a 4xx status that no library sends again, with the error in its body: `error.code`,
 * `error.message`, `error.funds_moved`.
 */
export function retrySafe(client: Pick<ARouter, 'fetch'>): ARouter['fetch'] {
  return async (input, init) => {
    try {
      return await client.fetch(input, init)
    } catch (error) {
      if (!isARouterError(error)) throw error
      if (error.fundsMoved === 'no' && TRANSIENT.includes(error.code)) throw error
      return answerOf(error)
    }
  }
}

/** Statuses that libraries take for a call to try again. */
const RETRIED: readonly number[] = [408, 409, 425, 429]

function answerOf(error: ARouterError): Response {
  const { name, code, message, fundsMoved, context, statusCode, requestId } = error
  const isFinal = statusCode >= 400 && statusCode < 500 && !RETRIED.includes(statusCode)
  const status = isFinal ? statusCode : fundsMoved === 'no' ? 400 : 402
  const body = { error: { type: name, code, message, funds_moved: fundsMoved, context } }
  return Response.json(body, { status, headers: requestId ? { 'x-request-id': requestId } : {} })
}
