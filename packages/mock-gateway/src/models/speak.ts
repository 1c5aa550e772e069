import type { ChatRequest } from './chatRequest'
import { tokenize } from './tokens'

/** What a model answers: its tokens in order, and whether max_tokens ended it. */
export interface Speech {
  readonly promptTokens: number
  readonly tokens: readonly string[]
  readonly finishReason: 'stop' | 'length'
}

const LONG_DEFAULT = 256

/** The answer to a request; the same request always gets the same one. */
export function speak(request: ChatRequest): Speech {
  const promptTokens = request.messages.reduce(
    (total, message) => total + 3 + tokenize(message.text).length,
    0,
  )
  const all = wordsOf(request, promptTokens)
  const limit = request.maxTokens ?? all.length
  return {
    promptTokens,
    tokens: all.slice(0, limit),
    finishReason: limit < all.length ? 'length' : 'stop',
  }
}

function wordsOf(request: ChatRequest, promptTokens: number): readonly string[] {
  switch (request.model.speaks) {
    case 'echo':
      return tokenize(request.messages.findLast(({ role }) => role === 'user')?.text ?? '')
    case 'long':
      return Array.from({ length: request.maxTokens ?? LONG_DEFAULT }, (_, i) => `${i + 1} `)
    case 'canned':
      return tokenize(`${request.model.id} read ${promptTokens} tokens and has nothing to add.`)
  }
}
