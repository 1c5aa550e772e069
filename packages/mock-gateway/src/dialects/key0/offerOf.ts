import type { Exchange } from '../../Exchange'
import type { JsonObject } from '../../http/jsonObject'
import type { Offer } from '../till'
import type { Key0Shop } from './Key0Shop'
import type { PlanOffering, RouteOffering } from './options'

const TEXT = { type: 'string' } as const
const INPUT = {
  type: 'object',
  properties: {
    planId: TEXT,
    routeId: TEXT,
    requestId: TEXT,
    resourceId: TEXT,
    clientAgentId: TEXT,
    resource: {
      type: 'object',
      properties: { method: TEXT, path: TEXT, body: {} },
      required: ['method', 'path'],
    },
  },
} as const
const OUTPUT = {
  plan: {
    type: 'object',
    properties: { type: { const: 'AccessGrant' }, accessToken: TEXT, resourceEndpoint: TEXT },
  },
  route: {
    type: 'object',
    properties: { type: { const: 'ResourceResponse' }, resource: { type: 'object' } },
  },
} as const

/** What is paid for: `method` is Key0's own. */
export interface PaidFor {
  readonly url: string
  readonly method: string
}

/** What is offered, as it is told at `paidFor`; `extra` comes on top of what the seller tells of its terms. */
export function offerOf(
  { network, gateway }: Key0Shop,
  exchange: Exchange,
  offering: PlanOffering | RouteOffering,
  paidFor: PaidFor,
  extra: JsonObject = {},
): Offer {
  const description = describe(offering)
  const resource = { ...paidFor, description, mimeType: 'application/json' }
  // Key0 states this name on mainnet too, where USDC has another.
  const misnamed = gateway.faults.take('key0-terms', exchange) ? { name: 'USDC' } : {}
  return {
    version: 2,
    amount: offering.amount,
    networks: [network.id],
    resource,
    extra: { ...misnamed, description, ...extra },
    extensions: { key0: { inputSchema: INPUT, outputSchema: OUTPUT[offering.kind], description } },
  }
}

/** What an offering is, in words. */
export function describe(offering: PlanOffering | RouteOffering): string {
  return offering.description ?? `${offering.kind} ${offering.id}`
}
