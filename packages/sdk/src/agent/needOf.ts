import { join } from '../encoding'
import { ARouterError } from '../errors'
import type { Exchange, RequestNeed } from '../exchange'
import { sha256 } from '../sha256'

const LONGEST_KEY = 255

/**
 * What an exchange pays for: what its caller named, or the request itself, by method, URL and body.
 * @throws ARouterError `invalid_option` for a key of another length.
 */
export async function needOf(exchange: Exchange, key: string | undefined): Promise<RequestNeed> {
  const { method, url, body } = exchange
  const request = await fingerprint([method, url, ...(await partsOf(body))])
  const { origin, pathname } = new URL(url)
  const resource = `${method} ${origin}${pathname}` // A query may hold what is no one's business.
  if (key === undefined) return { id: request, request, resource, answer: 'handed over' }
  return { id: await namedNeed(key), request, resource, answer: 'kept' }
}

/** The name in the store of a need that its caller named. */
export async function namedNeed(key: string): Promise<string> {
  if (typeof key !== 'string' || key.length === 0 || key.length > LONGEST_KEY) {
    throw new ARouterError(
      0,
      'invalid_option',
      `idempotencyKey must be a text of 1 to ${LONGEST_KEY} characters. Nothing was sent. Funds moved: no.`,
    )
  }
  return `key-${await fingerprint([key])}`
}

type Part = string | Uint8Array<ArrayBuffer>

async function partsOf(body: Exchange['body']): Promise<readonly Part[]> {
  if (body === undefined) return []
  if (typeof body === 'string') return [body]
  if (!(body instanceof FormData)) return [await bytesOf(body)]
  // As it is sent it has a boundary that is another one each time.
  const fields = [...body].map(async ([name, value]) =>
    typeof value === 'string' ? [name, value] : [name, value.name, await bytesOf(value)],
  )
  return (await Promise.all(fields)).flat()
}

async function bytesOf(body: BodyInit): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(body).arrayBuffer())
}

/** Of all parts, each after its length: no two lists of parts are taken for one another. */
function fingerprint(parts: readonly Part[]): Promise<string> {
  const encoder = new TextEncoder()
  const pieces = parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? encoder.encode(part) : part
    return [encoder.encode(`${bytes.byteLength}:`), bytes]
  })
  return sha256(join(pieces))
}
