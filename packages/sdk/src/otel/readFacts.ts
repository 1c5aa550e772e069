import { isObject, type JsonObject, parseObject } from '../encoding'

/** What an answer says of itself, in OpenAI's form, Anthropic's or Gemini's, whole or event by event. */
export type Facts = {
  id?: string
  model?: string
  finishReasons?: string[]
  inputTokens?: number
  outputTokens?: number
  costInDollars?: number
}

/** Adds to `facts` what a JSON object says. Later ones go before earlier ones, as totals do in a stream. */
export function readFacts(facts: Facts, text: string): void {
  const value = parseObject(text)
  if (!value) return
  // Anthropic's stream begins with the message to be, and ends with what has changed.
  const body = isObject(value.message) ? value.message : value
  const usage = member(body, 'usage') ?? member(body, 'usageMetadata') ?? {}
  const delta = member(body, 'delta') ?? {}
  assign(facts, 'id', [body.id, body.responseId].find(isText))
  assign(facts, 'model', [body.model, body.modelVersion].find(isText))
  assign(facts, 'finishReasons', finishReasons(body, delta))
  assign(
    facts,
    'inputTokens',
    [usage.prompt_tokens, usage.input_tokens, usage.promptTokenCount].find(isNumber),
  )
  assign(
    facts,
    'outputTokens',
    [usage.completion_tokens, usage.output_tokens, usage.candidatesTokenCount].find(isNumber),
  )
  assign(facts, 'costInDollars', [usage.cost].find(isNumber))
}

function finishReasons(body: JsonObject, delta: JsonObject): string[] | undefined {
  const lists = [body.choices, body.candidates].filter(Array.isArray)
  const ofEach = lists.flat().map((each) => each?.finish_reason ?? each?.finishReason)
  const reasons = [...ofEach, body.stop_reason, delta.stop_reason].filter(isText)
  return reasons.length > 0 ? reasons : undefined
}

function assign<Name extends keyof Facts>(facts: Facts, name: Name, value: Facts[Name]): void {
  if (value !== undefined) facts[name] = value
}

function member(value: JsonObject, name: string): JsonObject | undefined {
  const found = value[name]
  return isObject(found) ? found : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isNumber = (value: unknown): value is number => typeof value === 'number'
