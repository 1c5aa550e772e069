import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError, invalidRequest } from '../http/GatewayError'
import type { JsonObject } from '../http/jsonObject'
import { readJsonBody } from '../http/readBody'
import { toNumber, unitsOfNumber } from '../money'
import { managerOf, principalOf } from '../tenants/authenticate'
import type { ApiKey, KeyTerms, LimitReset } from '../tenants/keys'
import { pageOf } from './page'

/** `POST /api/v1/keys`: a regular key of the sender's account, no wider than the key that makes it. */
export async function createKey(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const manager = await managerOf(gateway, exchange)
  const terms = parseTerms(await readJsonBody(exchange.request))
  const { name } = terms
  if (name === undefined) throw invalidRequest('name is missing')
  const narrowed = within(manager.key, { ...terms, name })
  const { key, secret } = gateway.keys.create(manager.tenant.id, narrowed)
  exchange.lasting = true
  return Response.json({ data: shown(gateway, key), key: secret })
}

/** `GET /api/v1/keys`: the keys of the sender's account, newest first. */
export async function listKeys(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const { tenant } = await managerOf(gateway, exchange)
  const query = exchange.url.searchParams
  const all = [...gateway.keys.list(tenant.id)].reverse()
  const wanted = query.get('include_disabled') === 'true' ? all : all.filter((key) => !key.disabled)
  const page = pageOf(wanted, query, 'page_size')
  return Response.json({ data: page.map((key) => shown(gateway, key)) })
}

/** `PATCH /api/v1/keys/{hash}`: what is named changes, and null takes it away. */
export async function updateKey(
  gateway: Gateway,
  exchange: Exchange,
  hash: string,
): Promise<Response> {
  const manager = await managerOf(gateway, exchange)
  const key = keyOf(gateway, manager.tenant.id, hash)
  const changes = parseTerms(await readJsonBody(exchange.request))
  const { name, limit, limitReset, expiresAt, allowedProviders, allowedModels } = within(
    manager.key,
    { ...key, ...changes },
  )
  const disabled = changes.disabled ?? key.disabled
  const terms = { name, limit, limitReset, expiresAt, allowedProviders, allowedModels, disabled }
  exchange.lasting = true
  return Response.json({ data: shown(gateway, gateway.keys.update(key, terms)) })
}

/** `DELETE /api/v1/keys/{hash}`. */
export async function deleteKey(
  gateway: Gateway,
  exchange: Exchange,
  hash: string,
): Promise<Response> {
  const { tenant } = await managerOf(gateway, exchange)
  gateway.keys.remove(keyOf(gateway, tenant.id, hash))
  exchange.lasting = true
  return Response.json({ data: { deleted: true } })
}

/** `GET /v1/key`: the sender's own key; a wallet's token has no limit. */
export async function ownKey(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const { tenant, key } = await principalOf(gateway, exchange)
  const spent = (reset: LimitReset | undefined) => {
    if (key) return gateway.generations.spent(key.hash, reset)
    return gateway.generations.spentBy(tenant.id, reset)
  }
  const free = gateway.tenants.bought(tenant.id) === 0n
  return Response.json({
    data: { label: key?.label ?? tenant.subject, ...limitsOf(key, spent), is_free_tier: free },
  })
}

function keyOf(gateway: Gateway, tenant: string, hash: string): ApiKey {
  const key = gateway.keys.of(tenant, hash)
  if (key) return key
  throw new GatewayError(404, 'invalid_request_error', 'there is no such key')
}

function shown(gateway: Gateway, key: ApiKey): JsonObject {
  const spent = (reset: LimitReset | undefined) => gateway.generations.spent(key.hash, reset)
  const time = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())
  return {
    hash: key.hash,
    name: key.name,
    label: key.label,
    key_type: key.type,
    disabled: key.disabled ?? false,
    ...limitsOf(key, spent),
    allowed_providers: key.allowedProviders ?? null,
    allowed_models: key.allowedModels ?? null,
    created_at: time(key.createdAt),
    updated_at: time(key.updatedAt),
    expires_at: time(key.expiresAt),
  }
}

function limitsOf(
  key: ApiKey | undefined,
  spent: (reset: LimitReset | undefined) => bigint,
): JsonObject {
  const { limit, limitReset } = key ?? {}
  const left = limit === undefined ? undefined : limit - spent(limitReset)
  return {
    limit: limit === undefined ? null : toNumber(limit),
    limit_reset: limitReset ?? null,
    limit_remaining: left === undefined ? null : toNumber(left > 0n ? left : 0n),
    usage: toNumber(spent(undefined)),
    usage_daily: toNumber(spent('daily')),
    usage_weekly: toNumber(spent('weekly')),
    usage_monthly: toNumber(spent('monthly')),
  }
}

/** The terms of a body; what it does not name is not there, and what it takes away is undefined. */
function parseTerms(body: JsonObject): Partial<KeyTerms> {
  const terms: { -readonly [K in keyof KeyTerms]?: KeyTerms[K] } = {}
  const { name, limit, limit_reset: reset, expires_at: expires, disabled } = body
  if (name !== undefined) {
    if (typeof name !== 'string' || name === '') throw invalidRequest('name must be a string')
    terms.name = name
  }
  if (limit !== undefined) {
    terms.limit = limit === null ? undefined : unitsOfNumber(limit)
    if (limit !== null && terms.limit === undefined) {
      throw invalidRequest('limit must be a number of dollars')
    }
  }
  if (reset !== undefined) {
    if (reset !== null && reset !== 'daily' && reset !== 'weekly' && reset !== 'monthly') {
      throw invalidRequest('limit_reset must be daily, weekly or monthly')
    }
    terms.limitReset = reset ?? undefined
  }
  if (expires !== undefined) {
    terms.expiresAt = expires === null ? undefined : Date.parse(String(expires))
    if (Number.isNaN(terms.expiresAt)) throw invalidRequest('expires_at must be an RFC 3339 time')
  }
  if (disabled !== undefined) {
    if (typeof disabled !== 'boolean') throw invalidRequest('disabled must be true or false')
    terms.disabled = disabled
  }
  if (body.allowed_providers !== undefined) {
    terms.allowedProviders = names(body.allowed_providers, 'allowed_providers')
  }
  if (body.allowed_models !== undefined) {
    terms.allowedModels = names(body.allowed_models, 'allowed_models')
  }
  return terms
}

function names(value: unknown, what: string): readonly string[] | undefined {
  if (value === null) return undefined
  if (Array.isArray(value) && value.every((name) => typeof name === 'string')) return value
  throw invalidRequest(`${what} must be a list of names`)
}

/** `terms`, what they leave open being as the manager's. Throws 403 where they are wider than that. */
function within(manager: ApiKey, terms: KeyTerms): KeyTerms {
  const narrower = <T>(
    mine: T | undefined,
    wanted: T | undefined,
    fits: (wanted: T, mine: T) => boolean,
    what: string,
  ): T | undefined => {
    if (mine === undefined) return wanted
    if (wanted === undefined || fits(wanted, mine)) return wanted ?? mine
    const message = `${what} is wider than that of the key that manages it`
    throw new GatewayError(403, 'permission_error', message)
  }
  const among = (wanted: readonly string[], mine: readonly string[]) =>
    wanted.every((name) => mine.includes(name))
  const atMost = <T extends bigint | number>(wanted: T, mine: T) => wanted <= mine
  return {
    name: terms.name,
    limitReset: terms.limitReset,
    limit: narrower(manager.limit, terms.limit, atMost, 'limit'),
    expiresAt: narrower(manager.expiresAt, terms.expiresAt, atMost, 'expires_at'),
    allowedProviders: narrower(
      manager.allowedProviders,
      terms.allowedProviders,
      among,
      'allowed_providers',
    ),
    allowedModels: narrower(manager.allowedModels, terms.allowedModels, among, 'allowed_models'),
  }
}
