import type { JsonObject } from '../../http/jsonObject'
import { formatDollars } from '../../money'
import type { Priced } from './prices'

/** What is told of itself. */
export interface Told {
  readonly origin: string
  readonly network: string
  readonly asset: string
  readonly payTo: string
  readonly version: 1 | 2
  readonly calls: readonly Priced[]
}

/** `/.well-known/x402`: what is sold, and for how much. */
export function manifest({ origin, network, asset, payTo, version, calls }: Told): JsonObject {
  return {
    x402Version: version,
    facilitator: `${origin}/facilitator`,
    network,
    asset,
    payTo,
    resources: calls.map(({ method, path, price }) => {
      return { method, path, price: `$${formatDollars(price)}` }
    }),
  }
}

/** `/.well-known/agent-card.json` (A2A 1.0). */
export function agentCard({ origin, calls }: Told): JsonObject {
  return {
    protocolVersion: '1.0',
    name: 'Solrouter',
    description: 'Private inference and private payments, paid per call',
    version: '1.0.0',
    supportedInterfaces: [{ url: origin, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' }],
    capabilities: { streaming: false, pushNotifications: false },
    defaultInputModes: ['application/json'],
    defaultOutputModes: ['application/json'],
    skills: calls.map(({ path, price }) => {
      const description = `$${formatDollars(price)} a call`
      return { id: nameOf(path), name: nameOf(path), description, tags: ['x402'] }
    }),
  }
}

/** `/agents/v1/capabilities`. */
export function capabilities({ network, calls }: Told): JsonObject {
  return {
    payment: { protocol: 'x402', network },
    capabilities: calls.map(({ method, path, price }) => {
      return { name: nameOf(path), method, path, price_usdc: formatDollars(price) }
    }),
  }
}

/** `/agents/v1/openapi.json`. */
export function openApi({ origin, calls }: Told): JsonObject {
  const refusal = { description: '`{error, detail?}`' }
  const responses = { 200: { description: 'Done' }, 402: refusal, 451: refusal }
  return {
    openapi: '3.1.0',
    info: { title: 'Solrouter', version: '1.0.0' },
    servers: [{ url: origin }],
    paths: Object.fromEntries(
      calls.map(({ method, path }) => [path, { [method.toLowerCase()]: { responses } }]),
    ),
  }
}

function nameOf(path: string): string {
  return path.startsWith('/agents/v1/') ? path.slice('/agents/v1/'.length) : 'chat'
}
