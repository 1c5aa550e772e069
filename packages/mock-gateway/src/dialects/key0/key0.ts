import type { Exchange } from '../../Exchange'
import { GatewayConfigError } from '../../GatewayConfigError'
import { createLines } from '../../lines'
import type { EvmNetwork, Network } from '../../networks'
import { createOrigin, type Route } from '../../origin'
import type { Dialect } from '../Dialect'
import { createTill, type SavedTill } from '../till'
import { createA2a, isOfAgent } from './a2a/a2a'
import { agentCard } from './a2a/agentCard'
import { ACCESS_PATH, access } from './access'
import { createAccessTokens } from './accessTokens'
import { createChallenges, type SavedChallenges } from './challenges'
import { RESOURCE_PATH } from './deliver'
import { directRoute } from './directRoute'
import { discovery } from './discovery'
import type { Key0Shop } from './Key0Shop'
import { mcp, mcpManifest, mcpNotAllowed } from './mcp/mcp'
import { type Key0Options, resolveKey0Options } from './options'
import { refusal } from './refusal'
import { resource } from './resource'
import { createSweep } from './sweep'

interface SavedKey0 {
  readonly till: SavedTill
  readonly challenges: SavedChallenges
  readonly tokenKey: Uint8Array
}

/** Key0: a seller of plans, each with an access token, and of routes by the request. Paid in USDC on Base. */
export const key0: Dialect<Key0Options> = {
  open: ({ gateway, state }, options) => {
    const config = resolveKey0Options(options)
    const { clock, faults } = gateway
    const challenges = createChallenges(clock, gateway.config.history)
    const shop: Key0Shop = {
      gateway,
      till: createTill(gateway, 'key0'),
      config,
      network: networkOf(gateway.config.networks),
      challenges,
      tokens: createAccessTokens(clock, config.tokenTtl),
      alone: createLines(),
    }
    const a2a = createA2a(shop)
    const sweep = createSweep(shop)
    const origin = createOrigin(gateway, state, {
      isAsked: () => true,
      isSold: () => true,
      refusal,
    })
    const route = (method: string, path: string, answer: Route) =>
      origin.route(method, path, (exchange, param) => {
        sweep()
        const fault = faults.take('key0-call', exchange)
        return fault
          ? new Response(fault.body ?? '{}', { status: fault.status ?? 500 })
          : answer(exchange, param)
      })
    route('GET', '/discover', () => Response.json(discovery(config)))
    route('POST', ACCESS_PATH, (exchange) => {
      if (!isOfAgent(exchange)) return access(shop, exchange)
      return faults.take('key0-a2a', exchange) ? noSuchPage() : unheaded(exchange, a2a.answer)
    })
    for (const name of ['agent.json', 'agent-card.json']) {
      route('GET', `/.well-known/${name}`, ({ url }) =>
        Response.json(agentCard(config, url.origin)),
      )
    }
    route('GET', '/.well-known/mcp.json', ({ url }) => Response.json(mcpManifest(shop, url.origin)))
    route('POST', '/mcp', (exchange) => unheaded(exchange, () => mcp(shop, exchange)))
    for (const method of ['GET', 'DELETE']) route(method, '/mcp', mcpNotAllowed)
    route('GET', `${RESOURCE_PATH}/:id`, (exchange, param) => resource(shop, exchange, param('id')))
    for (const offering of config.routes) {
      route(offering.method, offering.path, (exchange) => directRoute(shop, exchange, offering))
    }
    return {
      fetch: origin.fetch,
      advanced: sweep,
      challenges: () => {
        sweep()
        return challenges.list()
      },
      reset: () => {
        shop.till.reset()
        challenges.reset()
        a2a.reset()
      },
      save: (): SavedKey0 => ({
        till: shop.till.save(),
        challenges: challenges.save(),
        tokenKey: shop.tokens.save(),
      }),
      load: (saved) => {
        const { till, challenges: kept, tokenKey } = saved as SavedKey0 // What `save` made.
        shop.till.load(till)
        challenges.load(kept)
        shop.tokens.load(tokenKey)
      },
    }
  },
}

/** JSON-RPC has its receipts in the body. */
async function unheaded(
  exchange: Exchange,
  answer: (exchange: Exchange) => Promise<Response>,
): Promise<Response> {
  try {
    return await answer(exchange)
  } finally {
    exchange.receipt = undefined
  }
}

/** What the framework under Key0 says where agents are not routed to. */
function noSuchPage(): Response {
  return new Response('<!DOCTYPE html><pre>Cannot POST /x402/access</pre>', {
    status: 404,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })
}

function networkOf(networks: readonly Network[]): EvmNetwork {
  const network = networks.find((candidate) => candidate.kind === 'evm')
  if (network?.kind === 'evm') return network
  throw new GatewayConfigError('key0 is paid on an EVM network: name one in networks')
}
