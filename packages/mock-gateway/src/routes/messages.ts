import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { charge } from '../models/charge'
import { type ChatRequest, textOf } from '../models/chatRequest'
import { jsonResponse } from '../models/jsonAnswer'
import { type Speech, speak } from '../models/speak'
import { speakInSteps } from '../models/speakInSteps'
import { eventResponse } from '../models/streamAnswer'
import { modelOf } from './modelOf'
import { serve } from './serve'

/** `POST /v1/messages`: chat in Anthropic's own form. */
export function messages(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const request = parse(await readJsonBody(exchange.request))
    const { model } = request
    const speech = speak(request)
    const message = {
      id: `msg_${exchange.id}`,
      type: 'message',
      role: 'assistant',
      model: model.id,
      stop_sequence: null,
    }
    const stopReason = speech.finishReason === 'stop' ? 'end_turn' : 'max_tokens'
    if (request.stream === 'none') {
      return {
        model,
        answer: (payer) => {
          const tokens = { prompt: speech.promptTokens, completion: speech.tokens.length }
          charge(gateway, exchange, payer, model, tokens)
          return jsonResponse(gateway, exchange, {
            ...message,
            content: [{ type: 'text', text: speech.tokens.join('').trim() }],
            stop_reason: stopReason,
            usage: { input_tokens: tokens.prompt, output_tokens: tokens.completion },
          })
        },
      }
    }
    const progress = { said: 0 }
    return {
      model,
      answer: (payer) =>
        eventResponse(
          gateway,
          exchange,
          payer,
          model,
          events(gateway, message, speech, stopReason, progress),
          () => ({ prompt: speech.promptTokens, completion: progress.said }),
        ),
    }
  })
}

async function* events(
  gateway: Gateway,
  message: JsonObject,
  speech: Speech,
  stopReason: string,
  progress: { said: number },
): AsyncGenerator<string> {
  const usage = { input_tokens: speech.promptTokens, output_tokens: 0 }
  const start = { ...message, content: [], stop_reason: null, usage }
  yield event('message_start', { message: start })
  yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
  for await (const text of speakInSteps(gateway, speech, progress)) {
    yield event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
  }
  yield event('content_block_stop', { index: 0 })
  yield event('message_delta', {
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { output_tokens: progress.said },
  })
  yield event('message_stop', {})
}

function event(type: string, content: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...content })}\n\n`
}

function parse(body: JsonObject): ChatRequest {
  const { max_tokens: most, messages: list, stream, system } = body
  const model = modelOf(body.model, 'chat', 'anthropic')
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 1) {
    throw invalidRequest('max_tokens must be a whole number above zero')
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw invalidRequest('messages must be an array with at least one message')
  }
  if (stream !== undefined && typeof stream !== 'boolean') {
    throw invalidRequest('stream must be true or false')
  }
  const said = list.map((message: unknown, index) => {
    const { role, content } = (message ?? {}) as JsonObject
    if (role !== 'user' && role !== 'assistant') {
      throw invalidRequest(`messages[${index}].role must be user or assistant`)
    }
    return { role, text: textOf(content, index) }
  })
  const instructions = system === undefined ? [] : [{ role: 'system', text: textOf(system, 0) }]
  return {
    model,
    messages: [...instructions, ...said],
    maxTokens: most,
    stream: stream ? 'plain' : 'none',
  }
}
