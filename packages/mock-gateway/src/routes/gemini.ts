import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { jsonResponse } from '../jsonResponse'
import { listModels } from '../models/catalogue'
import { charge } from '../models/charge'
import type { ChatRequest } from '../models/chatRequest'
import { completionTokens, type Speech, speak } from '../models/speak'
import { speakInSteps } from '../models/speakInSteps'
import { eventResponse } from '../models/streamAnswer'
import { parseContents } from './parseContents'
import { serve } from './serve'

const ACTS = ['generateContent', 'streamGenerateContent'] as const

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`: Gemini's own form. */
export function generateContent(
  gateway: Gateway,
  exchange: Exchange,
  target: string,
): Promise<Response> {
  const [id = '', name] = target.split(/:(?=[^:]*$)/)
  const act = ACTS.find((known) => known === name)
  if (!act) throw new GatewayError(404, 'invalid_request_error', 'there is nothing here')
  return serve(gateway, exchange, async () => {
    const request = parseContents(id, await readJsonBody(exchange.request))
    const { model } = request
    const speech = speak(request)
    if (act === 'generateContent') {
      return {
        model,
        answer: (payer) => {
          const tokens = { prompt: speech.promptTokens, completion: completionTokens(speech) }
          charge(gateway, exchange, payer, model, tokens)
          const text = speech.tokens.join('').trim()
          const parts = speech.calls.length > 0 ? callsOf(speech) : [{ text }]
          return jsonResponse(gateway, exchange, answer(exchange, request, speech, parts, 'last'))
        },
      }
    }
    const progress = { said: 0 }
    const pieces = chunks(gateway, exchange, request, speech, progress)
    const framed = exchange.url.searchParams.get('alt') === 'sse' ? asEvents : asArray
    return {
      model,
      answer: (payer) =>
        eventResponse(gateway, exchange, payer, model, framed(pieces), () => ({
          prompt: speech.promptTokens,
          completion: progress.said,
        })),
    }
  })
}

/** `GET /v1beta/models`: the chat models, in Gemini's own form. */
export function geminiModels(): Response {
  return Response.json({
    models: listModels()
      .filter(({ does }) => does === 'chat')
      .map(({ id, name, description, contextLength }) => ({
        name: `models/${id.replace(/^google\//, '')}`,
        displayName: name,
        description,
        inputTokenLimit: contextLength,
        outputTokenLimit: contextLength,
        supportedGenerationMethods: ACTS,
      })),
  })
}

async function* chunks(
  gateway: Gateway,
  exchange: Exchange,
  request: ChatRequest,
  speech: Speech,
  progress: { said: number },
): AsyncGenerator<unknown> {
  for await (const text of speakInSteps(gateway, speech.tokens, progress)) {
    const place = progress.said === speech.tokens.length ? 'last' : 'middle'
    yield answer(exchange, request, speech, [{ text }], place)
  }
  if (speech.tokens.length > 0) return
  // A call comes whole.
  progress.said = completionTokens(speech)
  yield answer(exchange, request, speech, callsOf(speech), 'last')
}

function callsOf({ calls }: Speech): readonly JsonObject[] {
  return calls.map(({ name, input: args }) => ({ functionCall: { name, args } }))
}

async function* asEvents(pieces: AsyncGenerator<unknown>): AsyncGenerator<string> {
  for await (const piece of pieces) yield `data: ${JSON.stringify(piece)}\r\n\r\n`
}

async function* asArray(pieces: AsyncGenerator<unknown>): AsyncGenerator<string> {
  let opening = '['
  for await (const piece of pieces) {
    yield `${opening}${JSON.stringify(piece)}`
    opening = ',\r\n'
  }
  yield ']'
}

function answer(
  exchange: Exchange,
  { model }: ChatRequest,
  speech: Speech,
  parts: readonly JsonObject[],
  place: 'middle' | 'last',
): JsonObject {
  const { promptTokens, finishReason } = speech
  const said = completionTokens(speech)
  const content = { role: 'model', parts: parts.length > 0 ? parts : [{ text: '' }] }
  const reason = finishReason === 'length' ? 'MAX_TOKENS' : 'STOP'
  const last = place === 'last'
  return {
    candidates: [{ content, index: 0, ...(last && { finishReason: reason }) }],
    ...(last && {
      usageMetadata: {
        promptTokenCount: promptTokens,
        candidatesTokenCount: said,
        totalTokenCount: promptTokens + said,
      },
    }),
    modelVersion: model.id,
    responseId: exchange.id,
  }
}
