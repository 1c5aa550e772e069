import type { Exchange } from '../Exchange'
import { strikeAtSignIn } from '../faults/strikeOnArrival'
import type { Gateway } from '../Gateway'
import { toBase64 } from '../http/base64'
import { GatewayError } from '../http/GatewayError'

/** `POST /v1/x402/auth`: a wallet token for a signed message, no payment. */
export async function signIn(gateway: Gateway, exchange: Exchange): Promise<Response> {
  strikeAtSignIn(gateway, exchange)
  const address = await admit(gateway, exchange)
  gateway.cashier.collectLate()
  const tenant = gateway.tenants.ofWallet(address)
  gateway.journal.signedIn(address, tenant, 'endpoint')
  exchange.lasting = true
  return Response.json({
    jwt: await gateway.tokens.issue(tenant),
    tenant_id: tenant.id,
    key_id: tenant.keyId,
  })
}

/** The address that signed. A refusal offers a nonce where wallets must use one of ours. */
async function admit(gateway: Gateway, exchange: Exchange): Promise<string> {
  const { desk, config } = gateway
  try {
    return await desk.check(exchange.request.headers.get('sign-in-with-x'))
  } catch (error) {
    if (config.siwx.nonce === 'any' || !(error instanceof GatewayError)) throw error
    const terms = {
      x402Version: 2,
      error: error.message,
      resource: { url: exchange.url.href },
      accepts: [],
      extensions: { 'sign-in-with-x': desk.offer(exchange.url) },
    }
    const { status, type, message } = error
    throw new GatewayError(status, type, message, {
      'PAYMENT-REQUIRED': toBase64(JSON.stringify(terms)),
    })
  }
}
