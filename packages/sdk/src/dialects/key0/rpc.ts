import { isObject, type JsonObject, parseObject } from '../../encoding'
import { eventParser } from '../../stream/eventParser'
import { withoutPayment } from '../../x402Headers'
import { refusal, textOf } from './answers'
import type { Heard } from './Heard'

/** A call of JSON-RPC 2.0 to one path of a seller. */
export type RpcCall = {
  readonly url: string
  readonly method: string
  readonly params: JsonObject
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Makes the call in the place of a request of the wallet. Resolves to its result, or to the answer that
 * the wallet is to have instead.
 */
export async function callRpc(
  send: typeof fetch,
  init: RequestInit | undefined,
  { url, method, params, headers: own }: RpcCall,
  heard: Heard,
): Promise<JsonObject | Response> {
  const headers = withoutPayment(init)
  for (const [name, value] of Object.entries(own)) headers.set(name, value)
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await send(url, { ...init, headers, body })
  const { status, type, redirected } = response
  if (redirected || type === 'opaqueredirect' || (status >= 300 && status < 400)) return response
  const text = await textOf(response)
  const isEvents = /^text\/event-stream/i.test(response.headers.get('content-type') ?? '')
  const answer = parseObject(isEvents ? lastEvent(text) : text)
  if (isObject(answer?.result)) return answer.result
  if (status === 404 || status === 405) {
    const message = 'there is no such transport here: use http'
    return refusal(status, { code: 'NO_SUCH_TRANSPORT', message }, heard)
  }
  const { code, message } = isObject(answer?.error) ? answer.error : (answer ?? {})
  return refusal(response.ok ? 502 : status, { code, message }, heard)
}

function lastEvent(text: string): string | undefined {
  const parser = eventParser({})
  parser.feed(new TextEncoder().encode(text))
  let data: string | undefined
  for (let event = parser.next(); event; event = parser.next()) data = event.data
  return data
}
