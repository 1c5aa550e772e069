import type { Exchange } from '../Exchange'
import { spoilBody } from '../faults/spoilBody'
import type { Gateway } from '../Gateway'
import type { Tenant } from '../tenants/tenants'
import { charge, priceOf } from './charge'
import type { ChatRequest } from './chatRequest'
import { speak } from './speak'
import { usageOf } from './usage'

/** The answer as one JSON object; charged before it leaves. */
export function jsonAnswer(
  gateway: Gateway,
  exchange: Exchange,
  tenant: Tenant,
  request: ChatRequest,
): Response {
  const { promptTokens, tokens, finishReason } = speak(request)
  const counts = { prompt: promptTokens, completion: tokens.length }
  const cost = priceOf(gateway, request.model, counts)
  charge(gateway, exchange, tenant, cost)
  const body = JSON.stringify({
    id: `chatcmpl-${exchange.id}`,
    object: 'chat.completion',
    created: Math.floor(gateway.clock.now() / 1000),
    model: request.model.id,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: tokens.join('').trim() },
        finish_reason: finishReason,
      },
    ],
    usage: usageOf(counts, cost),
  })
  const fault = gateway.faults.take('body', exchange)
  return new Response(fault ? spoilBody(body, fault, exchange.connection) : body, {
    headers: { 'content-type': 'application/json' },
  })
}
