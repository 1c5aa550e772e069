import type { Exchange } from '../Exchange'
import { strikeAtSignIn } from '../faults/strikeOnArrival'
import type { Gateway } from '../Gateway'

/** `POST /v1/x402/auth`: a wallet token for a signed message, no payment. */
export async function signIn(gateway: Gateway, exchange: Exchange): Promise<Response> {
  strikeAtSignIn(gateway, exchange)
  const address = await gateway.desk.check(exchange.request.headers.get('sign-in-with-x'))
  gateway.cashier.collectLate()
  const tenant = gateway.tenants.ofWallet(address)
  gateway.journal.signedIn(address, tenant)
  return Response.json({
    jwt: await gateway.tokens.issue(tenant),
    tenant_id: tenant.id,
    key_id: tenant.keyId,
  })
}
