import { GatewayError, invalidRequest } from './GatewayError'
import type { JsonObject } from './jsonObject'
import { asObject } from './jsonObject'

const LIMIT = 10 * 1024 * 1024

/** The request body as a JSON object. Throws 413 above 10 MB and 400 for anything but an object. */
export async function readJsonBody(request: Request): Promise<JsonObject> {
  const text = await readText(request)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalidRequest('the request body is not valid JSON')
  }
  const object = asObject(value)
  if (!object) throw invalidRequest('the request body must be a JSON object')
  return object
}

/** The form in a request body. Throws 413 above 10 MB and 400 for anything but a form. */
export async function readForm(request: Request): Promise<FormData> {
  const headers = { 'content-type': request.headers.get('content-type') ?? '' }
  const body = await readBytes(request)
  try {
    return await new Response(body, { headers }).formData()
  } catch {
    throw invalidRequest('the request body is not a form')
  }
}

/** Throws 413 when a request says that its body is above 10 MB. */
export function assertBodySize(request: Request): void {
  if (Number(request.headers.get('content-length') ?? 0) > LIMIT) throw tooLarge()
}

/** The request body as text. Throws 413 above 10 MB. */
export async function readText(request: Request): Promise<string> {
  if (isCounted(request)) return request.text()
  return Buffer.from(await readBytes(request)).toString('utf8')
}

/** The request body. Throws 413 above 10 MB. */
export async function readBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (isCounted(request)) return new Uint8Array(await request.arrayBuffer())
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Uint8Array(Buffer.concat(chunks))
    size += value.byteLength
    if (size > LIMIT) throw tooLarge()
    chunks.push(value)
  }
}

/** A stated length is kept to by the HTTP parser. What is sent without one has to be counted. */
function isCounted(request: Request): boolean {
  assertBodySize(request)
  return request.headers.has('content-length')
}

function tooLarge(): GatewayError {
  return new GatewayError(413, 'invalid_request_error', 'the request body is larger than 10 MB')
}
