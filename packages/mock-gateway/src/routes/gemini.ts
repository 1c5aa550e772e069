import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError, invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { listModels } from '../models/catalogue'
import { charge } from '../models/charge'
import type { ChatRequest } from '../models/chatRequest'
import { jsonResponse } from '../models/jsonAnswer'
import { type Speech, speak } from '../models/speak'
import { speakInSteps } from '../models/speakInSteps'
import { eventResponse } from '../models/streamAnswer'
import { modelOf } from './modelOf'
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
    const request = parse(id, await readJsonBody(exchange.request))
    const { model } = request
    const speech = speak(request)
    if (act === 'generateContent') {
      return {
        model,
        answer: (payer) => {
          const tokens = { prompt: speech.promptTokens, completion: speech.tokens.length }
          charge(gateway, exchange, payer, model, tokens)
          const text = speech.tokens.join('').trim()
          return jsonResponse(gateway, exchange, answer(exchange, request, speech, text, 'last'))
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
  for await (const text of speakInSteps(gateway, speech, progress)) {
    const place = progress.said === speech.tokens.length ? 'last' : 'middle'
    yield answer(exchange, request, speech, text, place)
  }
  if (speech.tokens.length === 0) yield answer(exchange, request, speech, '', 'last')
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
  text: string,
  place: 'middle' | 'last',
): JsonObject {
  const { promptTokens, tokens, finishReason } = speech
  const content = { role: 'model', parts: [{ text }] }
  const reason = finishReason === 'stop' ? 'STOP' : 'MAX_TOKENS'
  const last = place === 'last'
  return {
    candidates: [{ content, index: 0, ...(last && { finishReason: reason }) }],
    ...(last && {
      usageMetadata: {
        promptTokenCount: promptTokens,
        candidatesTokenCount: tokens.length,
        totalTokenCount: promptTokens + tokens.length,
      },
    }),
    modelVersion: model.id,
    responseId: exchange.id,
  }
}

function parse(id: string, body: JsonObject): ChatRequest {
  const { contents, systemInstruction, generationConfig } = body
  const model = modelOf(id, 'chat', 'google')
  if (!Array.isArray(contents) || contents.length === 0) {
    throw invalidRequest('contents must be an array with at least one content')
  }
  const most = asObject(generationConfig)?.maxOutputTokens
  if (most !== undefined && !(typeof most === 'number' && Number.isInteger(most) && most > 0)) {
    throw invalidRequest('generationConfig.maxOutputTokens must be a whole number above zero')
  }
  const said = contents.map((content: unknown, index) => ({
    role: asObject(content)?.role === 'model' ? 'assistant' : 'user',
    text: textOf(content, `contents[${index}]`),
  }))
  const system = systemInstruction
    ? [{ role: 'system', text: textOf(systemInstruction, 'systemInstruction') }]
    : []
  return { model, messages: [...system, ...said], maxTokens: most, stream: 'none' }
}

function textOf(content: unknown, what: string): string {
  const parts = asObject(content)?.parts
  if (!Array.isArray(parts)) throw invalidRequest(`${what}.parts must be an array`)
  return parts
    .map((part: unknown) => asObject(part)?.text)
    .filter((text) => typeof text === 'string')
    .join('')
}
