import { unauthenticated } from '../http/GatewayError'
import type { Tenant, Tenants } from './tenants'
import type { Tokens } from './tokens'

/** The secret a request carries and the header or parameter it came in. */
export interface Credential {
  readonly via: 'authorization' | 'x-api-key' | 'query'
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
  const apiKey = request.headers.get('x-api-key')?.trim()
  if (apiKey) return { via: 'x-api-key', secret: apiKey }
  const query = url.searchParams.get('key')?.trim()
  if (query) return { via: 'query', secret: query }
  return undefined
}

/** The tenant a credential belongs to. Throws 401 when it belongs to none. */
export async function authenticate(
  credential: Credential,
  tenants: Tenants,
  tokens: Tokens,
): Promise<Tenant> {
  const byKey = tenants.ofApiKey(credential.secret)
  if (byKey) return byKey
  const id = await tokens.tenantOf(credential.secret)
  const tenant = id === undefined ? undefined : tenants.byId(id)
  if (!tenant) throw unauthenticated('invalid api key')
  return tenant
}
