import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { unauthenticated } from '../http/GatewayError'
import { formatDollars } from '../money'
import { authenticate, credentialOf } from '../tenants/authenticate'

/** `GET /api/v1/balance`: what the sender has left, in dollars. */
export async function balance(gateway: Gateway, { request, url }: Exchange): Promise<Response> {
  const credential = credentialOf(request, url)
  if (!credential) throw unauthenticated('missing or invalid Authorization header')
  const tenant = await authenticate(credential, gateway.tenants, gateway.tokens)
  return Response.json({ balance: Number(formatDollars(tenant.balance)), currency: 'USD' })
}
