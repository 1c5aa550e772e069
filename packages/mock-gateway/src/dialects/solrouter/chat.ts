import type { JsonObject } from '../../http/jsonObject'
import { countTokens } from '../../models/tokens'
import { formatDollars } from '../../money'
import { parseEnvelope } from './envelope'
import { refuse } from './refusals'

/** Models there are; blind calls name them with `nosana:` before. */
export const models: readonly string[] = ['gpt-oss:20b', 'qwen3.8:27b', 'qwen3-coder:30b']

/** Whether a model is one of them. */
export function isModel(model: unknown): model is string {
  return typeof model === 'string' && models.includes(model.replace(/^nosana:/, ''))
}

/** The answer to an encrypted chat request: the envelope comes back, since nobody here can read it. Throws 400. */
export function encryptedChat(body: JsonObject, price: bigint): JsonObject {
  const { encryptedPrompt, model, maxTokens = 2048 } = body
  if (encryptedPrompt === undefined || model === undefined) {
    throw refuse('missing_required_fields', 'encryptedPrompt and model are required')
  }
  const envelope = parseEnvelope(encryptedPrompt)
  if (!envelope) throw refuse('bad_request', 'encryptedPrompt is no encrypted envelope')
  if (!isModel(model)) throw refuse('bad_request', 'there is no such model')
  if (!Number.isInteger(maxTokens) || Number(maxTokens) < 1) {
    throw refuse('bad_request', 'maxTokens must be a whole number above zero')
  }
  const tokens = countTokens(String(envelope.ciphertext))
  return {
    encryptedResponse: encryptedPrompt,
    usage: { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens },
    cost: Number(formatDollars(price)),
  }
}
