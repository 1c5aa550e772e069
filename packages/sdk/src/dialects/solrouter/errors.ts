import { readRefusal } from '../../body'
import type { Interceptor } from '../../compose'
import { isObject, parseObject } from '../../encoding'
import { ARouterError, InsufficientCreditsError, isARouterError } from '../../errors'
import { quote, redact } from '../../redact'
import type { Runtime } from '../../runtime'

const CODES = [
  'bad_request',
  'missing_required_fields',
  'unauthorized',
  'insufficient_funds',
  'already_subscribed',
  'guest_limit',
  'sanctioned',
  'nosana_not_configured',
  'tee_unreachable',
  'billing_unavailable',
  'free_trial_exhausted',
] as const

/** What Solrouter says of a request. `sanctioned` (451): the wallet is not served. */
export type SolrouterCode = (typeof CODES)[number]

/** Solrouter's own code for what an error of this SDK is about; undefined where it gave none. */
export function solrouterCode(error: unknown): SolrouterCode | undefined {
  if (!isARouterError(error)) return undefined
  return CODES.find((code) => code === error.context.gatewayCode)
}

const MOST_BYTES = 64 * 1024

/** Writes a refusal, `{error, detail?}`, as the gateway writes its own, so that it is read by the same code. */
export function refusals(runtime: Runtime): Interceptor {
  return async (exchange, next) => {
    const response = await next(exchange)
    if (response.ok) return response
    const { status, headers } = response
    const limits = { idle: exchange.timeout, most: MOST_BYTES, signal: exchange.signal }
    const text = await readRefusal(response, runtime, limits)
    const { error, detail } = parseObject(text) ?? {}
    if (typeof error !== 'string') return new Response(text, { status, headers })
    const message = typeof detail === 'string' ? detail : error
    return new Response(JSON.stringify({ error: { type: error, message } }), { status, headers })
  }
}

/**
 * An answer, where it does not say that there is none: Solrouter does that with a 200.
 * @throws InsufficientCreditsError where a deposit is asked for; ARouterError `answer_refused`.
 */
export function assertServed(answer: unknown, secrets: readonly string[]): void {
  if (!isObject(answer) || answer.success !== false) return
  const { requiresDeposit, reason, error } = answer
  const words = [reason, error].find((each) => typeof each === 'string')
  const said = redact(String(words ?? 'no reason'), secrets)
  const context = { gatewayCode: said }
  if (requiresDeposit === true) {
    const message = `Solrouter asks for a deposit: ${quote(said)}. Funds moved: no. Add balance to this key.`
    throw new InsufficientCreditsError(message, undefined, { context })
  }
  throw new ARouterError(
    200,
    'answer_refused',
    `Solrouter answered that it did not succeed: ${quote(said)}. Funds moved: no. Change the request.`,
    { context },
  )
}
