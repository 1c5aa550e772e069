import { invalidRequest } from '../http/GatewayError'
import { asObject } from '../http/jsonObject'
import type { AnswerFormat } from './chatRequest'
import type { Tool, ToolChoice } from './tools'
import { toolName } from './tools'

/** The functions among `tools` in OpenAI's form. Throws 400. */
export function parseTools(tools: unknown): readonly Tool[] {
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) throw invalidRequest('tools must be an array')
  return tools.flatMap((value: unknown, index) => {
    const tool = asObject(value)
    if (typeof tool?.type !== 'string') throw invalidRequest(`tools[${index}] must have a type`)
    if (tool.type !== 'function') return []
    const { name, parameters } = asObject(tool.function) ?? {}
    return [{ name: toolName(name, `tools[${index}].function.name`), schema: parameters }]
  })
}

/** `tool_choice` in OpenAI's form. Throws 400. */
export function parseToolChoice(choice: unknown): ToolChoice {
  if (choice === undefined || choice === null) return 'auto'
  if (choice === 'auto' || choice === 'required' || choice === 'none') return choice
  // Mistral's word for it.
  if (choice === 'any') return 'required'
  const named = asObject(asObject(choice)?.function)?.name
  if (typeof named === 'string') return { names: [named] }
  throw invalidRequest('tool_choice must be auto, required, none or a function')
}

/** `response_format` in OpenAI's form. Throws 400. */
export function parseFormat(value: unknown): AnswerFormat {
  if (value === undefined || value === null) return 'text'
  const format = asObject(value)
  switch (format?.type) {
    case 'text':
      return 'text'
    case 'json_object':
      return { schema: undefined }
    case 'json_schema': {
      const schema = asObject(asObject(format.json_schema)?.schema)
      if (!schema) throw invalidRequest('response_format.json_schema.schema must be an object')
      return { schema }
    }
    default:
      throw invalidRequest('response_format.type must be text, json_object or json_schema')
  }
}
