import type { Exchange } from '../Exchange'
import { seededRandom } from '../faults/seededRandom'
import type { Gateway } from '../Gateway'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { jsonResponse } from '../jsonResponse'
import { charge } from '../models/charge'
import { tokenize } from '../models/tokens'
import { toNumber } from '../money'
import { modelOf } from './modelOf'
import { serve } from './serve'

const DIMENSIONS = 1536

/** `POST /v1/embeddings`: unit vectors that their input alone decides. */
export function embeddings(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return serve(gateway, exchange, async () => {
    const body = await readJsonBody(exchange.request)
    const model = modelOf(body.model, 'embed')
    const inputs = inputsOf(body.input)
    const form = formOf(body)
    const size = sizeOf(body.dimensions)
    return {
      model,
      answer: (payer) => {
        const tokens = inputs.reduce((total, input) => total + input.length, 0)
        const cost = charge(gateway, exchange, payer, model, { prompt: tokens, completion: 0 })
        return jsonResponse(gateway, exchange, {
          object: 'list',
          data: inputs.map((input, index) => {
            const vector = vectorOf(input.join('\n'), size)
            const bytes = Buffer.from(vector.buffer)
            const embedding = form === 'base64' ? bytes.toString('base64') : [...vector]
            return { object: 'embedding', index, embedding }
          }),
          model: model.id,
          usage: { prompt_tokens: tokens, total_tokens: tokens, cost: toNumber(cost) },
        })
      },
    }
  })
}

/** Each input as its tokens. */
function inputsOf(input: unknown): readonly (readonly unknown[])[] {
  if (typeof input === 'string' && input !== '') return [tokenize(input)]
  if (!Array.isArray(input) || input.length === 0) {
    throw invalidRequest('input must be text, tokens, or a list of either')
  }
  if (input.every((token) => Number.isInteger(token))) return [input]
  return input.flatMap(inputsOf)
}

function formOf({ encoding_format: form = 'float' }: JsonObject): 'float' | 'base64' {
  if (form === 'float' || form === 'base64') return form
  throw invalidRequest('encoding_format must be float or base64')
}

function sizeOf(dimensions: unknown = DIMENSIONS): number {
  const fits = typeof dimensions === 'number' && Number.isInteger(dimensions)
  if (fits && dimensions >= 1 && dimensions <= DIMENSIONS) return dimensions
  throw invalidRequest(`dimensions must be a whole number from 1 to ${DIMENSIONS}`)
}

function vectorOf(text: string, size: number): Float32Array {
  let seed = 0
  for (const unit of text) seed = (Math.imul(seed, 31) + (unit.codePointAt(0) ?? 0)) >>> 0
  const random = seededRandom(seed)
  const vector = Float32Array.from({ length: size }, () => random() * 2 - 1)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
