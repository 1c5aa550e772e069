import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import type { Model } from './catalogue'
import { findModel } from './catalogue'
import { parseFormat, parseToolChoice, parseTools } from './openaiTools'
import type { Tool } from './tools'
import { toolsToCall } from './tools'

/** A message of a chat; the role `tool` is that of what a tool gave back. */
export interface ChatMessage {
  readonly role: string
  readonly text: string
}

/** The form of an answer in words: plain, or JSON that fits a schema where there is one. */
export type AnswerFormat = 'text' | { readonly schema: unknown }

/** A chat request that has been checked. */
export interface ChatRequest {
  readonly model: Model
  readonly messages: readonly ChatMessage[]
  readonly maxTokens: number | undefined
  readonly stream: 'none' | 'plain' | 'with-usage'
  /** All tools the model reads about, and those that its answer calls. */
  readonly tools: readonly Tool[]
  readonly calls: readonly Tool[]
  readonly format: AnswerFormat
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function']

/** Checks the body of a chat request. Throws 400 naming the field that is wrong. */
export function parseChatRequest(body: JsonObject, provider = 'openai'): ChatRequest {
  const { messages, stream, temperature } = body
  const model = chatModelOf(body, provider)
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidRequest('messages must be an array with at least one message')
  }
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalidRequest('stream must be true or false')
  }
  if (
    temperature !== undefined &&
    temperature !== null &&
    !(typeof temperature === 'number' && temperature >= 0 && temperature <= 2)
  ) {
    throw invalidRequest('temperature must be a number from 0 to 2')
  }
  const said = messages.map(parseMessage)
  assertCalled(messages)
  const tools = parseTools(body.tools)
  const many = body.parallel_tool_calls === true ? 'each' : 'first'
  return {
    model,
    messages: said,
    maxTokens: parseMaxTokens(body),
    stream: stream === true ? (wantsUsage(body) ? 'with-usage' : 'plain') : 'none',
    tools,
    calls: toolsToCall(tools, parseToolChoice(body.tool_choice), said, many),
    format: parseFormat(body.response_format),
  }
}

/** The model asked for, or with `route: "fallback"` the first of `models` that there is. */
function chatModelOf(body: JsonObject, provider: string): Model {
  const { model, models, route } = body
  if (typeof model !== 'string' || model === '') throw invalidRequest('model must be a string')
  const others: readonly unknown[] = route === 'fallback' && Array.isArray(models) ? models : []
  for (const id of [model, ...others]) {
    const found = findModel(String(id), 'chat', provider)
    if (found) return found
  }
  throw invalidRequest(`model '${model.slice(0, 100)}' does not exist`)
}

/** Throws 400 for the result of a tool that was not called. */
function assertCalled(messages: readonly unknown[]): void {
  const called = new Set<unknown>()
  messages.forEach((message, index) => {
    const { role, tool_calls: calls, tool_call_id: id } = asObject(message) ?? {}
    if (Array.isArray(calls)) for (const call of calls) called.add(asObject(call)?.id)
    if (role === 'tool' && !called.has(id)) {
      throw invalidRequest(`messages[${index}].tool_call_id is that of no earlier tool call`)
    }
  })
}

function parseMessage(value: unknown, index: number): ChatMessage {
  const message = asObject(value)
  if (!message) throw invalidRequest(`messages[${index}] must be an object`)
  const { role, content } = message
  if (typeof role !== 'string' || !ROLES.includes(role)) {
    throw invalidRequest(`messages[${index}].role must be one of ${ROLES.join(', ')}`)
  }
  return { role, text: textOf(content, index) }
}

/** The text of a message's content, whatever other parts it has. Throws 400. */
export function textOf(content: unknown, index: number): string {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) {
    throw invalidRequest(`messages[${index}].content must be a string or an array of parts`)
  }
  return content
    .map((part) => {
      const parsed = asObject(part)
      if (typeof parsed?.type !== 'string') {
        throw invalidRequest(`messages[${index}].content must hold parts with a type`)
      }
      return typeof parsed.text === 'string' ? parsed.text : ''
    })
    .join('')
}

function parseMaxTokens(body: JsonObject): number | undefined {
  const value = body.max_completion_tokens ?? body.max_tokens
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000_000) {
    return value
  }
  throw invalidRequest('max_tokens must be a whole number above zero')
}

function wantsUsage(body: JsonObject): boolean {
  const options = body.stream_options
  if (options === undefined || options === null) return false
  const parsed = asObject(options)
  if (!parsed) throw invalidRequest('stream_options must be an object')
  const wanted = parsed.include_usage
  if (wanted !== undefined && typeof wanted !== 'boolean') {
    throw invalidRequest('stream_options.include_usage must be true or false')
  }
  return wanted === true
}
