import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { answerChat } from './answerChat'

/** `GET /v1/x402/chat`: a chat request in the query, for tools that cannot POST. */
export function x402Chat(gateway: Gateway, exchange: Exchange): Promise<Response> {
  return answerChat(gateway, exchange, async () => bodyOf(exchange.url.searchParams))
}

function bodyOf(query: URLSearchParams): JsonObject {
  const message = query.get('message')
  const model = query.get('model')
  if (!model) throw invalidRequest('model is missing')
  if (!message) throw invalidRequest('message is missing')
  const system = query.get('system')
  const stream = query.get('stream')
  if (stream !== null && stream !== 'true' && stream !== 'false') {
    throw invalidRequest('stream must be true or false')
  }
  return {
    model,
    messages: [
      ...(system ? [{ role: 'system', content: system }] : []),
      { role: 'user', content: message },
    ],
    stream: stream === 'true',
    max_tokens: numberOf(query, 'max_tokens'),
    temperature: numberOf(query, 'temperature'),
  }
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!/^\d+(?:\.\d+)?$/.test(value)) throw invalidRequest(`${name} must be a number`)
  return Number(value)
}
