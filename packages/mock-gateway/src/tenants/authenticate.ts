import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError, unauthenticated } from '../http/GatewayError'
import type { ApiKey } from './keys'
import type { Tenant } from './tenants'

type Parts = Pick<Gateway, 'keys' | 'tenants' | 'tokens'>

/** The secret a request carries and the header or parameter it came in. */
export interface Credential {
  readonly via: 'authorization' | 'x-api-key' | 'x-goog-api-key' | 'query'
  readonly secret: string
}

/** The credential of a request; an empty bearer is none. Throws 401 for other schemes. */
export function credentialOf(request: Request, url: URL): Credential | undefined {
  const authorization = request.headers.get('authorization')?.trim()
  if (authorization) {
    const bearer = /^bearer(?:\s+(\S+))?$/i.exec(authorization)
    if (!bearer) throw unauthenticated('missing or invalid Authorization header')
    if (bearer[1]) return { via: 'authorization', secret: bearer[1] }
  }
  for (const via of ['x-api-key', 'x-goog-api-key'] as const) {
    const secret = request.headers.get(via)?.trim()
    if (secret) return { via, secret }
  }
  const query = url.searchParams.get('key')?.trim()
  if (query) return { via: 'query', secret: query }
  return undefined
}

/** Who a credential belongs to: an account, and the API key it was asked with if it was one. */
export interface Principal {
  readonly tenant: Tenant
  readonly key: ApiKey | undefined
}

/** Who a credential belongs to. Throws 401 when it belongs to nobody, or can no longer be used. */
export async function authenticate(credential: Credential, gateway: Parts): Promise<Principal> {
  const { keys, tenants, tokens } = gateway
  const key = keys.find(credential.secret)
  const id = key ? key.tenant : await tokens.tenantOf(credential.secret)
  const tenant = id === undefined ? undefined : tenants.byId(id)
  if (!tenant) throw unauthenticated('invalid api key')
  return { tenant, key }
}

/** Who sent a request. Throws 401 when nobody says so. */
export async function principalOf(gateway: Parts, { request, url }: Exchange): Promise<Principal> {
  const credential = credentialOf(request, url)
  if (!credential) throw unauthenticated('missing or invalid Authorization header')
  return authenticate(credential, gateway)
}

/** Who sent a request that manages keys. Throws 403 for whoever may not. */
export async function managerOf(
  gateway: Parts,
  exchange: Exchange,
): Promise<Principal & { readonly key: ApiKey }> {
  const { tenant, key } = await principalOf(gateway, exchange)
  if (key?.type === 'management') return { tenant, key }
  throw new GatewayError(403, 'permission_error', 'this takes a management key')
}
