import { peek } from '../body'
import { parseObject } from '../encoding'
import { discard, type Exchange } from '../exchange'
import type { Runtime } from '../runtime'
import { decodeBody, decodeHeader } from './requirements'

const MOST_BYTES = 64 * 1024

/**
 * The terms of a 402, if it has any, and the 402 as it can still be handed on.
 * @throws PaymentPolicyError `invalid_payment_required`.
 */
export async function readTerms(response: Response, exchange: Exchange, runtime: Runtime) {
  const required = decodeHeader(response.headers)
  if (required) {
    discard(response) // The header is complete; the body may be endless.
    return { required, unpaid: response }
  }
  const limits = { idle: exchange.timeout, most: MOST_BYTES, signal: exchange.signal }
  const { text, response: unpaid } = await peek(response, runtime, limits)
  return { required: decodeBody(parseObject(text)), unpaid }
}
