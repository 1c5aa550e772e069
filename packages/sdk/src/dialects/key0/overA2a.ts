import { isObject, type JsonObject } from '../../encoding'
import { randomUuid } from '../../randomUuid'
import { paymentOn, receiptHeader } from '../../x402Headers'
import { type Asked, bodyOf } from './AccessRequest'
import { askedFor, granted, refusal } from './answers'
import type { Heard } from './Heard'
import type { Via } from './overHttp'
import { callRpc } from './rpc'

/** The A2A extension by which agents pay. */
const X402 = 'https://github.com/google-agentic-commerce/a2a-x402/blob/main/spec/v0.2'
/** EIP-712 names of USDC: what Key0 says over A2A has none, and who settles a payment may read it there. */
const NAMES: ReadonlyMap<unknown, string> = new Map([
  ['eip155:8453', 'USD Coin'],
  ['eip155:84532', 'USDC'],
])

/** A2A 0.3.0: an order is a message, terms are a task that waits for input, and a payment is its metadata. */
export function overA2a(url: string, asked: Asked, heard: Heard): Via {
  let task: JsonObject | undefined
  return (send) => async (_, init) => {
    const payment = paymentOn(init)
    heard.isPaid ||= payment !== undefined
    const { id, contextId } = task ?? {}
    const message = {
      kind: 'message',
      role: 'user',
      messageId: randomUuid(),
      ...(payment && id !== undefined && { taskId: id, contextId }),
      parts: [{ kind: 'data', data: { type: 'AccessRequest', ...bodyOf(asked) } }],
      ...(payment && {
        metadata: {
          'x402.payment.status': 'payment-submitted',
          'x402.payment.payload': payment,
        },
      }),
    }
    const headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      'x-a2a-extensions': X402,
    }
    const call = { url, method: 'message/send', params: { message }, headers }
    const result = await callRpc(send, init, call, heard)
    if (result instanceof Response) return result
    if (typeof result.id === 'string') task = result
    return answerOf(result, payment !== undefined, asked, heard)
  }
}

/** A task as the wallet is to see it. */
function answerOf(task: JsonObject, isPaid: boolean, asked: Asked, heard: Heard): Response {
  const status = isObject(task.status) ? task.status : {}
  const message = isObject(status.message) ? status.message : {}
  const metadata = isObject(message.metadata) ? message.metadata : {}
  const required = metadata['x402.payment.required']
  if (status.state === 'input-required' && isObject(required)) return askedFor(named(required))
  if (status.state === 'completed') {
    const [grant] = listOf(task.artifacts).flatMap(({ parts }) => dataIn(parts))
    const [receipt] = listOf(metadata['x402.payment.receipts'])
    return granted(grant ?? {}, asked, heard, receiptHeader(receipt))
  }
  const [said] = dataIn(message.parts)
  const code = metadata['x402.payment.error'] ?? said?.code
  const words = said?.message ?? said?.error
  // Whether money moved is not in it: a payment that failed may have.
  if (code === 'PAYMENT_FAILED') return refusal(402, { code, message: words }, heard)
  return refusal(isPaid ? 502 : statusOf(code), { code, message: words }, heard)
}

function statusOf(code: unknown): number {
  if (code === 'TIER_NOT_FOUND' || code === 'CHALLENGE_NOT_FOUND') return 404
  return code === 'INTERNAL_ERROR' ? 500 : 400
}

/** Terms with the name and version of USDC where they state none. */
function named(required: JsonObject): JsonObject {
  const accepts = listOf(required.accepts).map((offer) => {
    const name = NAMES.get(offer.network)
    const extra = isObject(offer.extra) ? offer.extra : {}
    return name ? { ...offer, extra: { name, version: '2', ...extra } } : offer
  })
  return { ...required, accepts }
}

function dataIn(parts: unknown): readonly JsonObject[] {
  return listOf(parts).flatMap(({ data }) => (isObject(data) ? [data] : []))
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
