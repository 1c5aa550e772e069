import type { Attributes } from '@opentelemetry/api'
import { isObject, parseObject } from '../encoding'
import type { Exchange } from '../exchange'
import { urlFacts } from './urlFacts'

/** What is told of an inference or an embedding when it begins. */
export type Call = {
  /** Of its span. */
  readonly name: string
  readonly attributes: Attributes
  /** Those by which metrics are told apart. */
  readonly dimensions: Attributes
}

/** `gen_ai.operation.name` by route. */
const OPERATIONS: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'chat',
  '/v1/x402/chat': 'chat',
  '/v1/messages': 'chat',
  '/v1/text/chatcompletion_v2': 'chat',
  '/v1/embeddings': 'embeddings',
  '/v1beta/models/{model}:generateContent': 'generate_content',
  '/v1beta/models/{model}:streamGenerateContent': 'generate_content',
}

/** Numbers of a request, in OpenAI's and Anthropic's terms and in Gemini's. */
const NUMBERS: Readonly<Record<string, string>> = {
  max_tokens: 'gen_ai.request.max_tokens',
  max_completion_tokens: 'gen_ai.request.max_tokens',
  maxOutputTokens: 'gen_ai.request.max_tokens',
  temperature: 'gen_ai.request.temperature',
  top_p: 'gen_ai.request.top_p',
  topP: 'gen_ai.request.top_p',
  top_k: 'gen_ai.request.top_k',
  topK: 'gen_ai.request.top_k',
  frequency_penalty: 'gen_ai.request.frequency_penalty',
  presence_penalty: 'gen_ai.request.presence_penalty',
  seed: 'gen_ai.request.seed',
  n: 'gen_ai.request.choice.count',
}

const LONGEST_NAME = 100

/** The call an exchange makes; undefined where it is neither inference nor embedding. */
export function callOf(exchange: Exchange): Call | undefined {
  const { route, server } = urlFacts(exchange.url)
  const operation = OPERATIONS[route ?? '']
  if (!operation) return undefined
  const body = parseObject(textOf(exchange.body)) ?? {}
  const model = modelOf(exchange.url, body)
  const dimensions = {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': 'arouter',
    ...(model && { 'gen_ai.request.model': model }),
    ...server,
  }
  return {
    name: model ? `${operation} ${model}` : operation,
    attributes: { ...dimensions, ...numbersOf(body) },
    dimensions,
  }
}

function textOf(body: Exchange['body']): string | undefined {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body)
  return typeof body === 'string' ? body : undefined
}

function modelOf(url: string, body: Readonly<Record<string, unknown>>): string | undefined {
  const { pathname, searchParams } = new URL(url)
  const [, ofPath] = /\/models\/([^/]+):\w+$/.exec(pathname) ?? []
  const model = body.model ?? (ofPath && decode(ofPath)) ?? searchParams.get('model')
  return typeof model === 'string' && model !== '' ? model.slice(0, LONGEST_NAME) : undefined
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function numbersOf(body: Readonly<Record<string, unknown>>): Attributes {
  const { generationConfig } = body
  const all = isObject(generationConfig) ? { ...body, ...generationConfig } : body
  const found: Attributes = {}
  for (const [name, attribute] of Object.entries(NUMBERS)) {
    const value = all[name]
    if (typeof value === 'number') found[attribute] = value
  }
  return found
}
