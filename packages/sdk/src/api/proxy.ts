import type { Billed } from './bill'
import { providerPath } from './path'
import { type Connection, type RequestOptions, request, requestWith } from './request'

/** What one call of a provider may set for itself. */
export type ProxyOptions = RequestOptions & {
  /** Default `GET`, or `POST` with a body. */
  readonly method?: string
}

/**
 * `/{provider}/{path}`: a provider's own API. Forms, blobs, bytes, parameters and streams are sent as
 * they are, everything else as JSON.
 * @throws ARouterError `invalid_path` for a path that could lead out of the provider's, and the class
 * of its status.
 */
export async function proxyRequest(
  connection: Connection,
  provider: string,
  path: string,
  body: unknown,
  { method = body === undefined ? 'GET' : 'POST', ...options }: ProxyOptions = {},
): Promise<Response & Billed> {
  const target = providerPath(provider, path)
  const { response, billed } = isContent(body)
    ? await requestWith(connection, method, target, { body }, options)
    : await request(connection, method, target, body, options)
  return billed(response)
}

function isContent(body: unknown): body is Exclude<BodyInit, string> {
  const kinds = [FormData, Blob, ArrayBuffer, URLSearchParams, ReadableStream]
  return ArrayBuffer.isView(body) || kinds.some((kind) => body instanceof kind)
}
