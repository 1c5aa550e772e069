import { GatewayConfigError } from '../../GatewayConfigError'
import { formatDollars, type Money, toUnits } from '../../money'
import { parsePath } from './routePath'

/** A plan: what one payment gives access to. */
export interface Key0Plan {
  readonly planId: string
  /** Default: the plan is free, and is not sold. */
  readonly unitAmount?: Money
  readonly description?: string
}

/** A route that is paid for by the request. */
export interface Key0Route {
  readonly routeId: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path on the gateway; a segment such as `:city` stands for any one. */
  readonly path: string
  /** Default: the route is free. */
  readonly unitAmount?: Money
  readonly description?: string
  /** What stands behind the route. Default: says in JSON what it was asked. */
  readonly backend?: (request: Request) => Response | Promise<Response>
}

/** Everything that can be chosen about the Key0 seller. All of it is optional. */
export interface Key0Options {
  readonly agentName?: string
  readonly description?: string
  /** Default: `basic` at `$0.10`, `pro` at `$0.50`, and `trial`, which is free. */
  readonly plans?: readonly Key0Plan[]
  /** Default: `weather`, `GET /api/weather/:city` at `$0.01`, and `translate`, `POST /api/translate` at `$0.02`. */
  readonly routes?: readonly Key0Route[]
  /**
   * Whether the seller stands before its backend (`standalone`: routes are sold through `/x402/access` too),
   * or inside it (`embedded`: routes are paid for on their own paths only). Default `standalone`.
   */
  readonly mode?: 'standalone' | 'embedded'
  /** Lifetime of an access token in seconds. Default 3600. */
  readonly tokenTtl?: number
}

/** A plan or a route, as it is sold. */
export interface Offering {
  readonly id: string
  /** As `unitAmount` states it, such as `$0.10`; undefined where it is free. */
  readonly price: string | undefined
  /** Atomic USDC units; 0 where it is free. */
  readonly amount: bigint
  readonly description: string | undefined
}

export interface PlanOffering extends Offering {
  readonly kind: 'plan'
}

export interface RouteOffering extends Offering {
  readonly kind: 'route'
  readonly method: string
  readonly path: string
  readonly backend: (request: Request) => Response | Promise<Response>
}

/** The options with every default filled in and every value checked. */
export interface Key0Config {
  readonly agentName: string
  readonly description: string
  readonly plans: readonly PlanOffering[]
  readonly routes: readonly RouteOffering[]
  readonly mode: 'standalone' | 'embedded'
  readonly tokenTtl: number
}

const PLANS: readonly Key0Plan[] = [
  { planId: 'basic', unitAmount: '$0.10', description: 'An hour of the reports' },
  { planId: 'pro', unitAmount: '$0.50', description: 'An hour of everything' },
  { planId: 'trial', description: 'A look at what there is' },
]

const ROUTES: readonly Key0Route[] = [
  {
    routeId: 'weather',
    method: 'GET',
    path: '/api/weather/:city',
    unitAmount: '$0.01',
    description: 'The weather in a city',
  },
  {
    routeId: 'translate',
    method: 'POST',
    path: '/api/translate',
    unitAmount: '$0.02',
    description: 'A text in another language',
  },
]

const MOST_AMOUNT = 100_000_000n
const ID = /^[\w.-]{1,100}$/

/** Checks the options and fills in the defaults. Throws GatewayConfigError. */
export function resolveKey0Options(options: Key0Options = {}): Key0Config {
  const plans = (options.plans ?? PLANS).map(planOf)
  const routes = (options.routes ?? ROUTES).map(routeOf)
  for (const list of [plans, routes]) {
    const ids = list.map(({ id }) => id)
    if (new Set(ids).size < ids.length) throw new GatewayConfigError('key0 has an id twice')
  }
  const { mode = 'standalone', tokenTtl = 3600 } = options
  if (mode !== 'standalone' && mode !== 'embedded') {
    throw new GatewayConfigError(`key0.mode must be standalone or embedded, got '${mode}'`)
  }
  if (!Number.isInteger(tokenTtl) || tokenTtl < 1 || tokenTtl > 31_536_000) {
    throw new GatewayConfigError('key0.tokenTtl must be a whole number from 1 to 31536000')
  }
  return {
    agentName: options.agentName ?? 'Mock agent',
    description: options.description ?? 'Sells access to what it makes up',
    plans,
    routes,
    mode,
    tokenTtl,
  }
}

function planOf({ planId, unitAmount, description }: Key0Plan): PlanOffering {
  return { kind: 'plan', ...offeringOf(planId, unitAmount, description) }
}

function routeOf(route: Key0Route): RouteOffering {
  const { routeId, method, path, unitAmount, description, backend } = route
  parsePath(path)
  return {
    kind: 'route',
    ...offeringOf(routeId, unitAmount, description),
    method,
    path,
    backend: backend ?? ((request) => tellBack(routeId, request)),
  }
}

function offeringOf(
  id: string,
  unitAmount: Money | undefined,
  description: string | undefined,
): Offering {
  if (!ID.test(id)) throw new GatewayConfigError(`key0 cannot use the id '${id}'`)
  const amount = unitAmount === undefined ? 0n : toUnits(unitAmount, `key0 ${id}`)
  if (amount > MOST_AMOUNT) throw new GatewayConfigError(`key0 ${id} must not cost above $100`)
  return { id, price: amount === 0n ? undefined : priceOf(amount), amount, description }
}

/** At least two decimals, as Key0 writes prices. */
function priceOf(amount: bigint): string {
  const [whole, fraction = ''] = formatDollars(amount).split('.')
  return `$${whole}.${fraction.padEnd(2, '0')}`
}

async function tellBack(routeId: string, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const body = await request.text()
  return Response.json({
    routeId,
    method: request.method,
    path: `${pathname}${search}`,
    ...(body === '' ? {} : { body }),
  })
}
