import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { JsonObject } from '../http/jsonObject'
import { parseChatRequest } from '../models/chatRequest'
import { jsonAnswer } from '../models/jsonAnswer'
import { streamAnswer } from '../models/streamAnswer'
import { serve } from './serve'

/** Serves a chat request in OpenAI's form. */
export function answerChat(
  gateway: Gateway,
  exchange: Exchange,
  readBody: () => Promise<JsonObject>,
): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const request = parseChatRequest(await readBody())
    const { model } = request
    const form = request.stream === 'none' ? jsonAnswer : streamAnswer
    return { model, answer: (payer) => form(gateway, exchange, payer, request) }
  })
}
