import type { JsonObject } from '../../http/jsonObject'
import { asObject } from '../../http/jsonObject'
import { badRequest, httpError, key0Error } from './Key0Error'
import type { Key0Shop } from './Key0Shop'
import type { PlanOffering, RouteOffering } from './options'
import { isOnRoute } from './routePath'

/** What an order says, whichever protocol it came by; its requestId is the protocol's business. */
export type OrderTerms =
  | { readonly kind: 'plan'; readonly offering: PlanOffering; readonly resourceId: string }
  | {
      readonly kind: 'route'
      readonly offering: RouteOffering
      readonly resourceId: string
      /** What is asked of the backend, where the seller stands before it. */
      readonly call: Request | undefined
    }

/** Reads `{planId | routeId, resourceId?, resource?}`. Throws as the endpoints do for what cannot be sold. */
export function readOrder({ config }: Key0Shop, fields: JsonObject, origin: string): OrderTerms {
  const { planId, routeId } = fields
  if (planId === undefined && routeId === undefined) {
    throw badRequest('Please select a plan: send a planId, or a routeId')
  }
  if (planId !== undefined && routeId !== undefined) {
    throw badRequest('Send a planId or a routeId, not both')
  }
  const resourceId = textOr(fields.resourceId, 'default', 'resourceId')
  if (planId !== undefined) {
    const offering = config.plans.find(({ id }) => id === planId)
    if (!offering) throw httpError('TIER_NOT_FOUND', 'there is no such plan')
    assertSold(offering)
    return { kind: 'plan', offering, resourceId }
  }
  const offering = config.routes.find(({ id }) => id === routeId)
  if (!offering) throw httpError('ROUTE_NOT_FOUND', 'there is no such route')
  assertSold(offering)
  const call = config.mode === 'standalone' ? callOf(offering, fields.resource, origin) : undefined
  return { kind: 'route', offering, resourceId, call }
}

/** A text of at most 200 characters, or what stands for one that is missing. Throws 400 for anything else. */
export function textOr(value: unknown, missing: string, name: string): string {
  if (value === undefined) return missing
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value
  throw key0Error('INVALID_REQUEST', `${name} must be a text of at most 200 characters`)
}

function assertSold({ price, id }: PlanOffering | RouteOffering): void {
  if (price === undefined) throw httpError('UNSUPPORTED_FREE_PLAN', `${id} is free: nothing to pay`)
}

function callOf({ method, path }: RouteOffering, value: unknown, origin: string): Request {
  const resource = asObject(value)
  if (!resource) throw httpError('RESOURCE_REQUIRED', 'a route needs a resource: {method, path}')
  if (typeof resource.method !== 'string' || typeof resource.path !== 'string') {
    throw httpError('MISSING_RESOURCE_FIELD', 'resource needs a method and a path')
  }
  const isPath = resource.path.startsWith('/') && URL.canParse(resource.path, origin)
  const url = isPath ? new URL(resource.path, origin) : undefined
  if (url?.origin !== origin || resource.method !== method || !isOnRoute(path, url.pathname)) {
    throw key0Error('INVALID_REQUEST', 'resource is not on this route')
  }
  if (resource.body === undefined || method === 'GET') return new Request(url, { method })
  return new Request(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(resource.body),
  })
}
