import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { JsonObject } from '../http/jsonObject'
import { parseChatRequest } from '../models/chatRequest'
import { jsonAnswer } from '../models/jsonAnswer'
import { streamAnswer } from '../models/streamAnswer'
import { collect } from '../payments/collect'
import { identify } from '../payments/identify'

/**
 * Serves a chat request out of the sender's credit. The request is read before a payment is
 * taken, so that nobody pays for one that cannot be served.
 */
export async function answerChat(
  gateway: Gateway,
  exchange: Exchange,
  readBody: () => Promise<JsonObject>,
): Promise<Response> {
  const visitor = await identify(gateway, exchange)
  const request = parseChatRequest(await readBody())
  const tenant = await collect(gateway, exchange, visitor)
  return request.stream === 'none'
    ? jsonAnswer(gateway, exchange, tenant, request)
    : streamAnswer(gateway, exchange, tenant, request)
}
