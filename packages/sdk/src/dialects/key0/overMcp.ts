import { isObject, type JsonObject, parseObject } from '../../encoding'
import { PAYMENT, receiptIn, wordsOf } from '../../mcpPayment'
import { paymentOn, receiptHeader } from '../../x402Headers'
import type { Asked } from './AccessRequest'
import { askedFor, granted, isForWallet, refusal, textOf } from './answers'
import type { Heard } from './Heard'
import { readRefusal } from './key0Error'
import type { Via } from './overHttp'
import { digestOf } from './requestIds'
import { callRpc } from './rpc'

/** Where a seller has its MCP server, and where it tells over HTTP what a requestId has bought. */
export type McpPlace = { readonly mcp: string; readonly access: string }

/**
 * MCP without sessions: an order is a call of the tool `access`, terms are its error, and a payment is
 * in `_meta`. Here the seller names the purchase, after the signature, and settles before it looks: a
 * payment that it has seen before is asked for over HTTP, by that name.
 */
export function overMcp(place: McpPlace, asked: Asked, heard: Heard): Via {
  const { planId, resourceId } = asked
  return (send) => async (_, init) => {
    const payment = paymentOn(init)
    heard.isPaid ||= payment !== undefined
    if (payment) heard.requestId = await requestIdOf(payment)
    const accepted = isObject(payment?.accepted) ? payment.accepted : {}
    const params = {
      name: 'access',
      arguments: { planId, resourceId },
      // Key0 wants the network at the top too, where x402 version 2 has none.
      ...(payment && { _meta: { [PAYMENT]: { ...payment, network: accepted.network } } }),
    }
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    }
    const call = { url: place.mcp, method: 'tools/call', params, headers }
    const result = await callRpc(send, init, call, heard)
    if (result instanceof Response) return result
    const terms = result.structuredContent
    if (result.isError === true && isObject(terms)) {
      const known = payment && (await ask(send, init, place, asked, heard))
      return known ?? askedFor(terms)
    }
    const words = wordsOf(result)
    const body = parseObject(words) ?? { message: words }
    if (result.isError === true) return refusal(payment ? 502 : statusOf(body), body, heard)
    return granted(body, asked, heard, receiptHeader(receiptIn(result)))
  }
}

/** What was granted under the name that the seller gave to a payment, if it was. */
async function ask(
  send: typeof fetch,
  init: RequestInit | undefined,
  { access }: McpPlace,
  asked: Asked,
  heard: Heard,
): Promise<Response | undefined> {
  const { planId, resourceId } = asked
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ planId, resourceId, requestId: heard.requestId })
  const response = await send(access, { ...init, headers, body })
  if (!response.ok || isForWallet(response)) {
    response.body?.cancel().catch(() => undefined)
    return undefined
  }
  const grant = parseObject(await textOf(response))
  return grant && granted(grant, asked, heard, {})
}

async function requestIdOf({ payload }: JsonObject): Promise<string> {
  const signature = isObject(payload) ? String(payload.signature) : ''
  return `mcp-${(await digestOf(signature)).slice(0, 32)}`
}

function statusOf(body: JsonObject): number {
  return readRefusal(body).code === 'key0_tier_not_found' ? 404 : 400
}
