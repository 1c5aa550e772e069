import type { ChatRequest } from './chatRequest'
import { sampleOf } from './sample'
import { countTokens, tokenize } from './tokens'
import type { ToolCall } from './tools'
import { callOf } from './tools'

/** What a model answers: the tokens of its text in order, or the tools it calls; and why it ended. */
export interface Speech {
  readonly promptTokens: number
  readonly tokens: readonly string[]
  readonly calls: readonly ToolCall[]
  readonly finishReason: 'stop' | 'length' | 'tool_calls'
}

const LONG_DEFAULT = 256

/** The answer to a request; the same request always gets the same one. */
export function speak(request: ChatRequest): Speech {
  const { messages, tools, maxTokens } = request
  const read = messages.reduce((total, { text }) => total + 3 + countTokens(text), 0)
  const promptTokens = read + (tools.length > 0 ? countTokens(JSON.stringify(tools)) : 0)
  if (request.calls.length > 0) {
    const calls = request.calls.map((tool) => callOf(tool, askedIn(request)))
    return { promptTokens, tokens: [], calls, finishReason: 'tool_calls' }
  }
  const all = tokensOf(request, promptTokens)
  const limit = maxTokens ?? all.length
  return {
    promptTokens,
    tokens: all.slice(0, limit),
    calls: [],
    finishReason: limit < all.length ? 'length' : 'stop',
  }
}

/** How many tokens a model said; the name of a tool it called is none. */
export function completionTokens({ tokens, calls }: Speech): number {
  return calls.reduce((total, { pieces }) => total + pieces.length, tokens.length)
}

function tokensOf(request: ChatRequest, promptTokens: number): readonly string[] {
  const { model, format, maxTokens } = request
  if (format !== 'text') return tokenize(JSON.stringify(jsonOf(request, promptTokens)))
  if (model.speaks !== 'long') return tokenize(wordsOf(request, promptTokens))
  return Array.from({ length: maxTokens ?? LONG_DEFAULT }, (_, i) => `${i + 1} `)
}

function jsonOf(request: ChatRequest, promptTokens: number): unknown {
  const { schema } = request.format === 'text' ? {} : request.format
  if (schema !== undefined) return sampleOf(schema, askedIn(request))
  return { answer: wordsOf(request, promptTokens) }
}

function wordsOf(request: ChatRequest, promptTokens: number): string {
  const { model, messages } = request
  const last = messages.at(-1)
  if (model.speaks === 'echo') return last?.role === 'tool' ? last.text : askedIn(request)
  if (last?.role === 'tool') return `${model.id} was told: ${last.text}`
  return `${model.id} read ${promptTokens} tokens and has nothing to add.`
}

/** The user's last words. */
function askedIn({ messages }: ChatRequest): string {
  return messages.findLast(({ role }) => role === 'user')?.text ?? ''
}
