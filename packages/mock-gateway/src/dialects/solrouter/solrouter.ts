import { GatewayConfigError } from '../../GatewayConfigError'
import { jsonResponse } from '../../jsonResponse'
import { createOrigin } from '../../origin'
import type { Dialect } from '../Dialect'
import { createTill, type SavedTill } from '../till'
import { accountRoutes } from './accountRoutes'
import { type Account, createAccounts } from './accounts'
import { agentRoutes } from './agentRoutes'
import type { Desk } from './Desk'
import { agentCard, capabilities, manifest, openApi, type Told } from './discovery'
import type { SolrouterOptions } from './options'
import { pricedCalls } from './prices'
import { refusal, refuse } from './refusals'
import { soldRoutes } from './soldRoutes'

interface Saved {
  readonly till: SavedTill
  readonly accounts: readonly Account[]
}

/** Solrouter: inference for an API key, and calls that a wallet pays for one by one on Solana. */
export const solrouter: Dialect<SolrouterOptions> = {
  open: ({ gateway, state }, options = {}) => {
    const { version = 1, keys = {}, sanctioned = [] } = options
    const network = gateway.chains
      .map((chain) => chain.network)
      .find(({ kind }) => kind === 'solana')
    if (!network) throw new GatewayConfigError('solrouter is paid on Solana only')
    if (version !== 1 && version !== 2) {
      throw new GatewayConfigError('solrouter.version must be 1 or 2')
    }
    const till = createTill(gateway, 'solrouter')
    const accounts = createAccounts(keys)
    const calls = pricedCalls(options.prices ?? {})
    const { route, fetch } = createOrigin(gateway, state, {
      isAsked: () => true,
      isSold: () => true,
      refusal,
    })
    const accountOf: Desk['accountOf'] = ({ request }) => {
      const secret = /^bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
      if (secret === undefined) return undefined
      const account = accounts.find(secret)
      if (!account) throw refuse('unauthorized')
      return account
    }
    const desk: Desk = {
      route,
      till,
      accounts,
      calls,
      accountOf,
      memberOf: (exchange) => {
        const account = accountOf(exchange)
        if (!account) throw refuse('unauthorized')
        return account
      },
      offerOf: ({ url }, { path, price }) => ({
        version,
        amount: price,
        networks: [network.id],
        resource: { url: url.href, description: path, mimeType: 'application/json' },
        body: () => ({ error: 'payment_required' }),
      }),
      assertServed: (wallet) => {
        if (sanctioned.includes(wallet)) throw refuse('sanctioned')
      },
      answer: (exchange, body) => jsonResponse(gateway, exchange, body),
    }
    soldRoutes(desk)
    agentRoutes(desk, gateway.clock)
    accountRoutes(desk)

    const told = (origin: string): Told => ({
      origin,
      network: version === 1 ? network.v1Name : network.id,
      asset: network.asset,
      payTo: gateway.terms.priced(0n).find((one) => one.network === network.id)?.payTo ?? '',
      version,
      calls: Object.values(calls),
    })
    for (const [path, tell] of Object.entries({
      '/.well-known/x402': manifest,
      '/.well-known/agent-card.json': agentCard,
      '/agents/v1/capabilities': capabilities,
      '/agents/v1/openapi.json': openApi,
    })) {
      route('GET', path, (exchange) => desk.answer(exchange, tell(told(exchange.url.origin))))
    }

    return {
      fetch,
      reset: () => {
        till.reset()
        accounts.reset()
      },
      save: (): Saved => ({ till: till.save(), accounts: accounts.save() }),
      load: (saved) => {
        const { till: savedTill, accounts: savedAccounts } = saved as Saved
        till.load(savedTill)
        accounts.load(savedAccounts)
      },
    }
  },
}
