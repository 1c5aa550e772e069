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

/** Throws 413 when a request says that its body is above 10 MB. */
export function assertBodySize(request: Request): void {
  if (Number(request.headers.get('content-length') ?? 0) > LIMIT) throw tooLarge()
}

async function readText(request: Request): Promise<string> {
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks).toString('utf8')
    size += value.byteLength
    if (size > LIMIT) throw tooLarge()
    chunks.push(value)
  }
}

function tooLarge(): GatewayError {
  return new GatewayError(413, 'invalid_request_error', 'the request body is larger than 10 MB')
}
