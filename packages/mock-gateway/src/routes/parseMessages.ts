import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import type { AnswerFormat, ChatMessage, ChatRequest } from '../models/chatRequest'
import { textOf } from '../models/chatRequest'
import type { Tool, ToolChoice } from '../models/tools'
import { toolName, toolsToCall } from '../models/tools'
import { modelOf } from './modelOf'

/** Checks the body of a chat request in Anthropic's form. Throws 400 naming the field that is wrong. */
export function parseMessages(body: JsonObject): ChatRequest {
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
  const used = new Set<unknown>()
  const said = list.flatMap((message: unknown, index) => parseMessage(message, index, used))
  const instructions = system === undefined ? [] : [{ role: 'system', text: textOf(system, 0) }]
  const messages = [...instructions, ...said]
  const tools = parseTools(body.tools)
  return {
    model,
    messages,
    maxTokens: most,
    stream: stream ? 'plain' : 'none',
    tools,
    calls: toolsToCall(tools, parseToolChoice(body.tool_choice), messages),
    format: parseFormat(body.output_config),
  }
}

/** What a message says, and after it what tools gave back. `used` gathers the ids of their calls. */
function parseMessage(message: unknown, index: number, used: Set<unknown>): readonly ChatMessage[] {
  const { role, content } = asObject(message) ?? {}
  if (role !== 'user' && role !== 'assistant') {
    throw invalidRequest(`messages[${index}].role must be user or assistant`)
  }
  const text = textOf(content, index)
  const blocks = Array.isArray(content) ? content.map((block: unknown) => asObject(block)) : []
  for (const block of blocks) if (block?.type === 'tool_use') used.add(block.id)
  const results = blocks.filter((block) => block?.type === 'tool_result')
  for (const result of results) {
    if (used.has(result?.tool_use_id)) continue
    throw invalidRequest(`messages[${index}] holds the result of a tool that was not used`)
  }
  const given = results.map((result) => ({ role: 'tool', text: textOf(result?.content, index) }))
  return results.length > 0 && text === '' ? given : [{ role, text }, ...given]
}

/** Tools without a schema are run by Anthropic's own servers, and are not called. */
function parseTools(tools: unknown): readonly Tool[] {
  if (tools === undefined) return []
  if (!Array.isArray(tools)) throw invalidRequest('tools must be an array')
  return tools.flatMap((value: unknown, index) => {
    const { name, input_schema: schema } = asObject(value) ?? {}
    const known = toolName(name, `tools[${index}].name`)
    return asObject(schema) ? [{ name: known, schema }] : []
  })
}

function parseToolChoice(value: unknown): ToolChoice {
  if (value === undefined) return 'auto'
  const { type, name } = asObject(value) ?? {}
  if (type === 'auto' || type === 'none') return type
  if (type === 'any') return 'required'
  if (type === 'tool' && typeof name === 'string') return { names: [name] }
  throw invalidRequest('tool_choice.type must be auto, any, tool or none')
}

function parseFormat(config: unknown): AnswerFormat {
  const format = asObject(asObject(config)?.format)
  if (!format) return 'text'
  const schema = asObject(format.schema)
  if (format.type === 'json_schema' && schema) return { schema }
  throw invalidRequest('output_config.format must have the type json_schema, and a schema')
}
