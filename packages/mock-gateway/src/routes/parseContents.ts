import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { asObject } from '../http/jsonObject'
import type { AnswerFormat, ChatMessage, ChatRequest } from '../models/chatRequest'
import type { Tool, ToolChoice } from '../models/tools'
import { toolName, toolsToCall } from '../models/tools'
import { modelOf } from './modelOf'

/** Checks the body of a chat request in Gemini's form. Throws 400 naming the field that is wrong. */
export function parseContents(id: string, body: JsonObject): ChatRequest {
  const { contents, systemInstruction } = body
  const model = modelOf(id, 'chat', 'google')
  if (!Array.isArray(contents) || contents.length === 0) {
    throw invalidRequest('contents must be an array with at least one content')
  }
  const config = asObject(body.generationConfig) ?? {}
  const most = config.maxOutputTokens
  if (most !== undefined && !(typeof most === 'number' && Number.isInteger(most) && most > 0)) {
    throw invalidRequest('generationConfig.maxOutputTokens must be a whole number above zero')
  }
  const called = new Set<unknown>()
  const said = contents.flatMap((content: unknown, index) => parseContent(content, index, called))
  const system = systemInstruction
    ? [{ role: 'system', text: textOf(partsOf(systemInstruction, 'systemInstruction')) }]
    : []
  const messages = [...system, ...said]
  const tools = parseTools(body.tools)
  return {
    model,
    messages,
    maxTokens: most,
    stream: 'none',
    tools,
    calls: toolsToCall(tools, parseToolChoice(body.toolConfig), messages),
    format: parseFormat(config),
  }
}

/** What a content says, and after it what functions gave back. `called` gathers their names. */
function parseContent(
  content: unknown,
  index: number,
  called: Set<unknown>,
): readonly ChatMessage[] {
  const parts = partsOf(content, `contents[${index}]`)
  const text = textOf(parts)
  const given = parts.flatMap(({ functionCall, functionResponse }) => {
    const call = asObject(functionCall)
    if (call) called.add(call.name)
    const result = asObject(functionResponse)
    if (!result) return []
    if (!called.has(result.name)) {
      throw invalidRequest(
        `contents[${index}] holds the response of a function that was not called`,
      )
    }
    return [{ role: 'tool', text: JSON.stringify(result.response ?? {}) }]
  })
  const role = asObject(content)?.role === 'model' ? 'assistant' : 'user'
  return given.length > 0 && text === '' ? given : [{ role, text }, ...given]
}

function partsOf(content: unknown, what: string): readonly JsonObject[] {
  const parts = asObject(content)?.parts
  if (!Array.isArray(parts)) throw invalidRequest(`${what}.parts must be an array`)
  return parts.map((part: unknown) => asObject(part) ?? {})
}

function textOf(parts: readonly JsonObject[]): string {
  return parts
    .map(({ text }) => text)
    .filter((text) => typeof text === 'string')
    .join('')
}

/** Tools without declarations are run by Google's own servers, and are not called. */
function parseTools(tools: unknown): readonly Tool[] {
  if (tools === undefined) return []
  if (!Array.isArray(tools)) throw invalidRequest('tools must be an array')
  return tools.flatMap((tool: unknown, at) => {
    const declared = asObject(tool)?.functionDeclarations
    if (!Array.isArray(declared)) return []
    return declared.map((value: unknown, index) => {
      const { name, parameters, parametersJsonSchema } = asObject(value) ?? {}
      const what = `tools[${at}].functionDeclarations[${index}].name`
      return { name: toolName(name, what), schema: parametersJsonSchema ?? parameters }
    })
  })
}

const MODES = {
  MODE_UNSPECIFIED: 'auto',
  AUTO: 'auto',
  VALIDATED: 'auto',
  ANY: 'required',
  NONE: 'none',
} as const satisfies Record<string, ToolChoice>

function parseToolChoice(value: unknown): ToolChoice {
  const config = asObject(asObject(value)?.functionCallingConfig)
  if (!config) return 'auto'
  const { mode = 'AUTO', allowedFunctionNames: names } = config
  const choice = Object.entries(MODES).find(([name]) => name === mode)?.[1]
  if (!choice)
    throw invalidRequest('toolConfig.functionCallingConfig.mode must be AUTO, ANY or NONE')
  return choice !== 'none' && Array.isArray(names) ? { names: names.map(String) } : choice
}

function parseFormat(config: JsonObject): AnswerFormat {
  const { responseMimeType: type, responseSchema, responseJsonSchema } = config
  if (type !== 'application/json') return 'text'
  return { schema: responseJsonSchema ?? responseSchema }
}
