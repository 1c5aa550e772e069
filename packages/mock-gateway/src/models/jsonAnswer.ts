import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { JsonObject } from '../http/jsonObject'
import { jsonResponse } from '../jsonResponse'
import type { Principal } from '../tenants/authenticate'
import { charge, generationId } from './charge'
import type { ChatRequest } from './chatRequest'
import { completionTokens, speak } from './speak'
import { callId } from './tools'
import { usageOf } from './usage'

/** The answer as one JSON object; charged before it leaves. */
export function jsonAnswer(
  gateway: Gateway,
  exchange: Exchange,
  payer: Principal,
  request: ChatRequest,
  more: JsonObject = {},
): Response {
  const speech = speak(request)
  const { promptTokens, tokens, calls, finishReason } = speech
  const counts = { prompt: promptTokens, completion: completionTokens(speech) }
  const message =
    calls.length === 0
      ? { role: 'assistant', content: tokens.join('').trim() }
      : {
          role: 'assistant',
          content: null,
          tool_calls: calls.map(({ name, pieces }, position) => ({
            id: callId('call', exchange, position),
            type: 'function',
            function: { name, arguments: pieces.join('') },
          })),
        }
  const cost = charge(gateway, exchange, payer, request.model, counts)
  return jsonResponse(gateway, exchange, {
    id: generationId(exchange),
    object: 'chat.completion',
    created: Math.floor(gateway.clock.now() / 1000),
    model: request.model.id,
    choices: [{ index: 0, message, finish_reason: finishReason }],
    usage: usageOf(counts, cost),
    ...more,
  })
}
