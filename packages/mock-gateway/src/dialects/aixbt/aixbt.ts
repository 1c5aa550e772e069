import type { Exchange } from '../../Exchange'
import { GatewayConfigError } from '../../GatewayConfigError'
import type { JsonObject } from '../../http/jsonObject'
import { jsonResponse } from '../../jsonResponse'
import { formatDollars } from '../../money'
import { createOrigin } from '../../origin'
import type { Dialect } from '../Dialect'
import { createTill, type Offer, type SavedTill } from '../till'
import { createCounter, type Limits, limitHeaders } from './limits'
import { createPasses, type Pass, type Period } from './passes'
import { projectsPage } from './projects'
import { refusal, refuseKey, refusePeriod } from './refusals'

/** What can be chosen about aixbt. */
export interface AixbtOptions {
  /** Requests of one key. Default: 30 a minute, 10,000 a day. */
  readonly limits?: Partial<Limits>
  /** Whether its terms state `asset` and `extra`, which a payer else has to know. Default `whole`. */
  readonly telling?: 'whole' | 'bare'
  /** HTTP status of the answer with a key; its body says 201. Default 201. */
  readonly keyStatus?: 200 | 201
  /** Keys that were not bought and never end, each with its scopes. Default: none. */
  readonly fullKeys?: Readonly<Record<string, { readonly scopes: readonly string[] }>>
}

interface Saved {
  readonly till: SavedTill
  readonly passes: readonly Pass[]
}

const PERIODS: Readonly<Record<Period, { readonly amount: bigint; readonly words: string }>> = {
  '1d': { amount: 10_000_000n, words: '1 day' },
  '1w': { amount: 50_000_000n, words: '1 week' },
  '4w': { amount: 100_000_000n, words: '4 weeks' },
}

/** aixbt: a payment buys a key for a day, a week or four weeks. */
export const aixbt: Dialect<AixbtOptions> = {
  open: ({ gateway, state }, options = {}) => {
    const { telling = 'whole', keyStatus = 201, fullKeys = {} } = options
    const limits = { minute: 30, day: 10_000, ...options.limits }
    const networks = gateway.chains.map(({ network }) => network)
    const onEvm = networks.filter(({ kind }) => kind === 'evm').map(({ id }) => id)
    if (onEvm.length === 0) throw new GatewayConfigError('aixbt is paid on EVM networks only')
    for (const [span, limit] of Object.entries(limits)) {
      if (!Number.isInteger(limit) || limit < 1) {
        throw new GatewayConfigError(`aixbt.limits.${span} must be a whole number above zero`)
      }
    }
    const till = createTill(gateway, 'aixbt')
    const passes = createPasses(fullKeys, gateway.clock)
    const counter = createCounter(limits, gateway.clock)
    const { route, fetch } = createOrigin(gateway, state, {
      isAsked: () => true,
      isSold: () => true,
      exposed: limitHeaders,
      refusal,
    })
    const answer = (exchange: Exchange, body: JsonObject) => jsonResponse(gateway, exchange, body)

    route('POST', '/x402/v2/api-keys/:period', (exchange, param) => {
      const period = param('period')
      if (!isPeriod(period)) throw refusePeriod()
      const { amount, words } = PERIODS[period]
      const offer: Offer = {
        version: 2,
        amount,
        networks: onEvm,
        telling,
        resource: {
          url: exchange.url.href,
          description: `API key for ${words}`,
          mimeType: 'application/json',
        },
        body: () => ({ message: 'Payment required' }),
      }
      return till.sell(exchange, offer, () => {
        const { secret, pass } = passes.make(period)
        return {
          what: `key ${pass.name}`,
          keep: () => passes.keep(pass),
          status: keyStatus,
          body: { status: 201, data: shownOnce(secret, pass, period, limits) },
        }
      })
    })

    /** The key of a request, counted. Throws 401, 403 and 429; 403 with the prices where it could buy one. */
    const admit = (exchange: Exchange, otherwise: 'MISSING_API_KEY' | 'API_KEY_REQUIRED') => {
      const secret = exchange.request.headers.get('x-api-key')
      if (!secret) {
        const isSold = otherwise === 'API_KEY_REQUIRED'
        throw refuseKey(otherwise, isSold ? { meta: { upgrade: upgradeAt(exchange.url) } } : {})
      }
      const pass = passes.find(secret)
      if (!pass) throw refuseKey('INVALID_API_KEY')
      if (passes.isOver(pass)) throw refuseKey('API_KEY_EXPIRED')
      exchange.rate = counter.take(pass.id)
      return pass
    }
    route('GET', '/v2/api-keys/info', (exchange) => {
      const { id, name, type, scopes, expiresAt } = admit(exchange, 'MISSING_API_KEY')
      const ends = expiresAt === undefined ? 'never' : new Date(expiresAt).toISOString()
      return answer(exchange, { status: 200, data: { id, name, type, scopes, expiresAt: ends } })
    })
    route('GET', '/v2/projects', (exchange) => {
      const { scopes } = admit(exchange, 'API_KEY_REQUIRED')
      if (!scopes.includes('projects')) throw refuseKey('INVALID_API_KEY_SCOPE')
      return answer(exchange, projectsPage(exchange.url.searchParams))
    })
    route('POST', '/v2/agents/indigo', (exchange) => {
      const { type, scopes } = admit(exchange, 'MISSING_API_KEY')
      if (type === 'x402') throw refuseKey('AGENT_API_NOT_AVAILABLE')
      if (!scopes.includes('agents')) throw refuseKey('INVALID_API_KEY_SCOPE')
      return answer(exchange, { status: 200, data: { text: 'Indigo has read it.' } })
    })

    return {
      fetch,
      reset: () => {
        till.reset()
        passes.reset()
        counter.reset()
      },
      save: (): Saved => ({ till: till.save(), passes: passes.save() }),
      load: (saved) => {
        const { till: savedTill, passes: savedPasses } = saved as Saved
        till.load(savedTill)
        passes.load(savedPasses)
      },
    }
  },
}

function isPeriod(text: string): text is Period {
  return Object.hasOwn(PERIODS, text)
}

function shownOnce(secret: string, pass: Pass, period: Period, limits: Limits): JsonObject {
  return {
    apiKey: secret,
    expiresAt: new Date(pass.expiresAt ?? 0).toISOString(),
    period,
    type: pass.type,
    scopes: pass.scopes,
    rateLimit: { requestsPerMinute: limits.minute, requestsPerDay: limits.day },
    warning: 'Keep this key: it is not shown again.',
  }
}

/** What keys cost, for who has none. */
function upgradeAt({ origin }: URL): JsonObject {
  return {
    description: 'Buy an API key',
    protocol: 'x402',
    payment: 'USDC on Base',
    options: Object.entries(PERIODS).map(([period, { amount }]) => ({
      period,
      price: `$${formatDollars(amount)}`,
      method: 'POST',
      url: `${origin}/x402/v2/api-keys/${period}`,
    })),
  }
}
