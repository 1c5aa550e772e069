import type { Exchange } from '../Exchange'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import type { ChatMessage } from './chatRequest'
import { sampleOf } from './sample'
import { tokenize } from './tokens'

/** A tool that a model may call, and the JSON schema of what it takes. */
export interface Tool {
  readonly name: string
  readonly schema: unknown
}

/** What a request says about the use of its tools. */
export type ToolChoice = 'auto' | 'required' | 'none' | { readonly names: readonly string[] }

/** A call of a tool; `pieces` are the tokens of its input as JSON. */
export interface ToolCall {
  readonly name: string
  readonly input: JsonObject
  readonly pieces: readonly string[]
}

/**
 * The tools that are called in answer to messages: none when the last of them is what a tool gave back,
 * else the first that the choice allows, or `each` of those. Throws 400 for a choice that cannot be made.
 */
export function toolsToCall(
  tools: readonly Tool[],
  choice: ToolChoice,
  messages: readonly ChatMessage[],
  many: 'first' | 'each' = 'first',
): readonly Tool[] {
  if (choice === 'none') return []
  const allowed =
    typeof choice === 'object' ? tools.filter(({ name }) => choice.names.includes(name)) : tools
  if (allowed.length === 0 && choice !== 'auto') {
    throw invalidRequest('the choice of tools names none of the tools of this request')
  }
  if (messages.at(-1)?.role === 'tool') return []
  return many === 'each' ? allowed : allowed.slice(0, 1)
}

/** The call of a tool: its input is a sample of what it takes, in which strings are `text`. */
export function callOf({ name, schema }: Tool, text: string): ToolCall {
  const input = asObject(sampleOf(schema, text)) ?? {}
  return { name, input, pieces: tokenize(JSON.stringify(input)) }
}

/** The id of the call at a position in the answer to an exchange. */
export function callId(prefix: 'call' | 'toolu', { id }: Exchange, position: number): string {
  return `${prefix}_${id.replaceAll('-', '').slice(0, 24)}${position}`
}

const NAME = /^[\w.:-]{1,128}$/

/** The name of a tool. Throws 400 for what is none. */
export function toolName(value: unknown, what: string): string {
  if (typeof value === 'string' && NAME.test(value)) return value
  throw invalidRequest(`${what} must be a name of letters, digits, _ and -`)
}
