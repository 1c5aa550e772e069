import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { toNumber } from '../money'
import { principalOf } from '../tenants/authenticate'

/** `GET /api/v1/balance`: what the sender has left, in dollars. */
export async function balance(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const { tenant } = await principalOf(gateway, exchange)
  gateway.cashier.collectLate()
  return Response.json({ balance: toNumber(tenant.balance), currency: 'USD' })
}
