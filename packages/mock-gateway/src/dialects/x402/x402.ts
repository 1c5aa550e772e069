import { GatewayConfigError } from '../../GatewayConfigError'
import { GatewayError } from '../../http/GatewayError'
import { type Money, toUnits } from '../../money'
import { createOrigin } from '../../origin'
import type { Dialect } from '../Dialect'
import type { PaymentIdentifier } from '../paymentIdentifier'
import { createTill, type Offer, type SavedTill } from '../till'

/** What an ordinary seller asks. */
export interface X402Options {
  /** Price by method and path, such as `{ 'GET /weather': '$0.01' }`. Default: that one. */
  readonly prices?: Readonly<Record<string, Money>>
  /** Version of x402. Default 2. */
  readonly version?: 1 | 2
  /** Whether a payment may or must name itself; version 2 only. Default: it is not asked. */
  readonly paymentIdentifier?: PaymentIdentifier
}

/** A seller of no name: each route has a price, and each payment buys one answer. */
export const x402: Dialect<X402Options> = {
  open: ({ gateway, state }, options = {}) => {
    const { prices = { 'GET /weather': '$0.01' }, version = 2, paymentIdentifier } = options
    if (version !== 1 && version !== 2) throw new GatewayConfigError('x402.version must be 1 or 2')
    const till = createTill(gateway, 'x402')
    const { route, fetch } = createOrigin(gateway, state, {
      isAsked: () => true,
      isSold: () => true,
      refusal,
    })
    for (const [name, price] of Object.entries(prices)) {
      const [method = '', path = ''] = name.split(' ')
      if (!/^[A-Z]+ \/\S*$/.test(name)) {
        throw new GatewayConfigError(`x402.prices must be like 'GET /weather', got '${name}'`)
      }
      const amount = toUnits(price, 'x402.prices')
      route(method, path, (exchange) => {
        const resource = {
          url: exchange.url.href,
          description: name,
          mimeType: 'application/json',
        }
        const offer: Offer = { version, amount, resource, paymentIdentifier }
        return till.sell(exchange, offer, ({ payer }) => ({
          what: name,
          body: { path, payer, ticket: crypto.randomUUID() },
        }))
      })
    }
    return {
      fetch,
      reset: till.reset,
      save: till.save,
      load: (saved) => till.load(saved as SavedTill),
    }
  },
}

function refusal(error: unknown): Response {
  const known = error instanceof GatewayError
  const { status, message, headers } = known
    ? error
    : { status: 500, message: 'internal server error', headers: {} }
  return Response.json({ error: message }, { status, headers })
}
