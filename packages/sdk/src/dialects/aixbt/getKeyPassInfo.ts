import { requestJson } from '../../api/request'
import { isObject } from '../../encoding'
import { ARouterError, invalidOption } from '../../errors'
import { parseBase, transport } from '../../exchange'
import { systemRuntime } from '../../runtime'
import { AIXBT, isKey } from './KeyPass'

/** What aixbt knows of a key. */
export type KeyPassInfo = {
  readonly id: string
  readonly name: string | undefined
  /** `x402` for one that was bought. */
  readonly type: 'full' | 'x402'
  readonly scopes: readonly string[]
  /** ISO 8601, or `never`. */
  readonly expiresAt: string
}

/** How a key is asked about. */
export type KeyPassInfoOptions = {
  /** Default `https://api.aixbt.tech`. */
  readonly baseURL?: string
  readonly customFetch?: typeof fetch
  /** Milliseconds. Default 60,000. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/**
 * What aixbt knows of a key, without its secret.
 * @throws AuthenticationError, with `aixbtCode`; `malformed_answer`.
 */
export async function getKeyPassInfo(
  apiKey: string,
  options: KeyPassInfoOptions = {},
): Promise<KeyPassInfo> {
  const { baseURL = AIXBT, customFetch, timeout = 60_000, signal } = options
  if (!isKey(apiKey)) throw invalidOption('This has not the form of a key of aixbt.')
  const runtime = systemRuntime(customFetch ?? ((input, init) => globalThis.fetch(input, init)))
  const base = parseBase(baseURL)
  const connection = { base, runtime, send: transport(runtime), timeout, secrets: [apiKey] }
  const headers = { 'x-api-key': apiKey }
  const given = { headers, ...(signal && { signal }) }
  const path = '/v2/api-keys/info'
  const info = readInfo(await requestJson<unknown>(connection, 'GET', path, undefined, given))
  if (info) return info
  throw new ARouterError(
    200,
    'malformed_answer',
    'aixbt answered with something that is no information about a key. Funds moved: no.',
  )
}

function readInfo(answer: unknown): KeyPassInfo | undefined {
  const data = isObject(answer) ? answer.data : undefined
  if (!isObject(data)) return undefined
  const { id, name, type, scopes, expiresAt } = data
  if (typeof id !== 'string' || (type !== 'full' && type !== 'x402')) return undefined
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string'))
    return undefined
  if (typeof expiresAt !== 'string') return undefined
  if (expiresAt !== 'never' && Number.isNaN(Date.parse(expiresAt))) return undefined
  return { id, name: typeof name === 'string' ? name : undefined, type, scopes, expiresAt }
}
