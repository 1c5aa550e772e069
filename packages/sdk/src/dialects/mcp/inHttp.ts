import { isObject, type JsonObject, parseObject } from '../../encoding'
import { receiptIn, wordsOf } from '../../mcpPayment'
import { receiptHeader } from '../../x402Headers'
import { readReply } from './readReply'

/** An answer of MCP with x402 where HTTP has it. */
export type InHttp = {
  readonly response: Response
  /** What a payment is for, as the server calls it, which is no URL of its origin: `mcp://tool/add`. */
  readonly resource: unknown
}

/** What asks for a payment is a 402, and a receipt is a header; all else is as it was. */
export async function inHttp(answer: Response, id: unknown): Promise<InHttp> {
  const { reply, response } = await readReply(answer, id)
  if (!reply) return { response, resource: undefined }
  const terms = termsIn(reply)
  if (terms) {
    response.body?.cancel().catch(() => undefined)
    return { response: asked(terms), resource: terms.resource }
  }
  const receipt = isObject(reply.result) ? receiptHeader(receiptIn(reply.result)) : {}
  for (const [name, value] of Object.entries(receipt)) response.headers.set(name, value)
  return { response, resource: undefined }
}

/** PaymentRequired, where a reply is one: x402 v2, MCP transport, "Payment Required Signaling". */
function termsIn({ result, error }: JsonObject): JsonObject | undefined {
  // Servers of x402 v1 have it in an error of JSON-RPC.
  if (isObject(error) && error.code === 402) return [error.data].find(isTerms)
  if (!isObject(result) || result.isError !== true) return undefined
  return [result.structuredContent, parseObject(wordsOf(result))].find(isTerms)
}

function isTerms(value: unknown): value is JsonObject {
  return isObject(value) && 'x402Version' in value && Array.isArray(value.accepts)
}

/** Without the name of the resource, which the origin of a URL is compared with. */
function asked({ resource, ...terms }: JsonObject): Response {
  const url = isObject(resource) ? resource.url : undefined
  const isName = typeof url === 'string' && url.startsWith('mcp://')
  return Response.json(isName ? terms : { ...terms, resource }, { status: 402 })
}
