import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { jsonResponse } from '../jsonResponse'
import { charge } from '../models/charge'
import { completionTokens, type Speech, speak } from '../models/speak'
import { speakInSteps } from '../models/speakInSteps'
import { eventResponse } from '../models/streamAnswer'
import { callId } from '../models/tools'
import { parseMessages } from './parseMessages'
import { serve } from './serve'

const STOP_REASONS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const

/** `POST /v1/messages`: chat in Anthropic's own form. */
export function messages(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const request = parseMessages(await readJsonBody(exchange.request))
    const { model } = request
    const speech = speak(request)
    const message = {
      id: `msg_${exchange.id}`,
      type: 'message',
      role: 'assistant',
      model: model.id,
      stop_sequence: null,
    }
    const stopReason = STOP_REASONS[speech.finishReason]
    if (request.stream === 'none') {
      return {
        model,
        answer: (payer) => {
          const tokens = { prompt: speech.promptTokens, completion: completionTokens(speech) }
          charge(gateway, exchange, payer, model, tokens)
          return jsonResponse(gateway, exchange, {
            ...message,
            content: contentOf(exchange, speech),
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
          events(gateway, exchange, message, speech, stopReason, progress),
          () => ({ prompt: speech.promptTokens, completion: progress.said }),
        ),
    }
  })
}

function contentOf(exchange: Exchange, { tokens, calls }: Speech): readonly JsonObject[] {
  if (calls.length === 0) return [{ type: 'text', text: tokens.join('').trim() }]
  return calls.map(({ name, input }, position) => {
    return { type: 'tool_use', id: callId('toolu', exchange, position), name, input }
  })
}

async function* events(
  gateway: Gateway,
  exchange: Exchange,
  message: JsonObject,
  speech: Speech,
  stopReason: string,
  progress: { said: number },
): AsyncGenerator<string> {
  const usage = { input_tokens: speech.promptTokens, output_tokens: 0 }
  const start = { ...message, content: [], stop_reason: null, usage }
  yield event('message_start', { message: start })
  if (speech.calls.length === 0) {
    yield event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
    for await (const text of speakInSteps(gateway, speech.tokens, progress)) {
      yield event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
    }
    yield event('content_block_stop', { index: 0 })
  }
  for (const [index, { name, pieces }] of speech.calls.entries()) {
    const block = { type: 'tool_use', id: callId('toolu', exchange, index), name, input: {} }
    yield event('content_block_start', { index, content_block: block })
    for await (const piece of speakInSteps(gateway, pieces, progress)) {
      const delta = { type: 'input_json_delta', partial_json: piece }
      yield event('content_block_delta', { index, delta })
    }
    yield event('content_block_stop', { index })
  }
  yield event('message_delta', {
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { output_tokens: progress.said },
  })
  yield event('message_stop', {})
}

function event(type: string, content: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...content })}\n\n`
}
