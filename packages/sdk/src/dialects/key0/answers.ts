import { readText } from '../../body'
import { encodeBase64, type JsonObject, parseObject } from '../../encoding'
import { systemRuntime } from '../../runtime'
import { readGrant } from './AccessGrant'
import type { Asked } from './AccessRequest'
import { type Heard, hear } from './Heard'
import { grantIn } from './key0Error'

/** Bytes of an answer that are read. */
const MOST_BYTES = 256 * 1024
const IDLE_MS = 60_000

/** The body of an answer as text. @throws ARouterError where it is too large, or does not come. */
export function textOf(response: Response): Promise<string> {
  const runtime = systemRuntime((input, init) => globalThis.fetch(input, init))
  return readText(response, runtime, { idle: IDLE_MS, most: MOST_BYTES })
}

/** Whether an answer is for the wallet alone: terms in its header, or a redirect. */
export function isForWallet({ status, headers, type, redirected }: Response): boolean {
  if (redirected || type === 'opaqueredirect' || (status >= 300 && status < 400)) return true
  return status === 402 && headers.has('payment-required')
}

/** A grant, as the wallet is to see it: 200, or no success where it grants nothing. */
export function granted(
  body: JsonObject,
  asked: Asked,
  heard: Heard,
  headers: HeadersInit,
): Response {
  const grant = grantIn(body)
  if (readGrant(grant, asked, 'base:')) return Response.json(grant, { headers })
  // One that is not confirmed yet is answered with a 2xx: it is no success.
  if (body.code === 'TX_UNCONFIRMED') return refusal(503, body, heard, headers)
  const malformed = { code: 'MALFORMED_ANSWER', message: 'a success without an access token' }
  return refusal(502, malformed, heard, headers)
}

/** What is no success, as the wallet is to see it. */
export function refusal(
  status: number,
  body: JsonObject,
  heard: Heard,
  headers: HeadersInit = {},
): Response {
  const text = JSON.stringify(body)
  hear(heard, text)
  return new Response(text, { status, headers })
}

/** A 402 with `terms` where HTTP has them. */
export function askedFor(terms: JsonObject): Response {
  const headers = { 'payment-required': encodeBase64(JSON.stringify(terms)) }
  return new Response(null, { status: 402, headers })
}

/** What HTTP says, read for what it means. */
export async function judged(response: Response, asked: Asked, heard: Heard): Promise<Response> {
  const { ok, status } = response
  const receipt = response.headers.get('payment-response')
  const headers = receipt === null ? {} : { 'payment-response': receipt }
  const body = parseObject(await textOf(response)) ?? {}
  if (ok) return granted(body, asked, heard, headers)
  return refusal(status, body, heard, headers)
}
