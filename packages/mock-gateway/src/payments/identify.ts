import type { Exchange, Receipt } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import { authenticate, credentialOf } from '../tenants/authenticate'
import type { Tenant } from '../tenants/tenants'
import type { Payment } from './decodePayment'
import { decodePayment, decodePaymentV1 } from './decodePayment'
import { refuse } from './refuse'

/** Who sent a request: a tenant, somebody with a payment in hand, or both. */
export type Visitor =
  | { readonly kind: 'tenant'; readonly tenant: Tenant }
  | {
      readonly kind: 'payer'
      readonly payment: Payment
      readonly receiptHeader: Receipt['header']
    }

/**
 * Reads the credentials of a request to a paid route. An API key is spent, never topped up.
 * Throws 401 for bad credentials, 400 for a malformed payment or sign-in, 402 when there is none.
 */
export async function identify(gateway: Gateway, exchange: Exchange): Promise<Visitor> {
  const { tenants, tokens, chains, config } = gateway
  const credential = credentialOf(exchange.request, exchange.url)
  const tenant = credential && (await authenticate(credential, tenants, tokens))
  if (tenant?.kind === 'api-key') {
    if (tenant.balance <= 0n) {
      throw new GatewayError(403, 'permission_error', 'this API key has no balance left')
    }
    return { kind: 'tenant', tenant }
  }
  const networks = chains.map(({ network }) => network)
  const version2 = exchange.request.headers.get('payment-signature')
  if (version2 !== null) {
    const payment = decodePayment(version2, networks)
    return { kind: 'payer', payment, receiptHeader: 'PAYMENT-RESPONSE' }
  }
  const version1 = exchange.request.headers.get('x-payment')
  if (version1 !== null && config.challenge === 'v1') {
    const payment = decodePaymentV1(version1, networks)
    return { kind: 'payer', payment, receiptHeader: 'X-PAYMENT-RESPONSE' }
  }
  const signedIn = tenant ?? (await signedInBy(gateway, exchange))
  if (!signedIn) throw refuse(gateway, exchange, 'payment required')
  return { kind: 'tenant', tenant: signedIn }
}

async function signedInBy(gateway: Gateway, exchange: Exchange): Promise<Tenant | undefined> {
  const header = exchange.request.headers.get('sign-in-with-x')
  if (header === null || gateway.config.siwx.extension === 'off') return undefined
  const address = await gateway.desk.checkOn(exchange.url, header)
  const tenant = gateway.tenants.ofWallet(address)
  gateway.journal.signedIn(address, tenant, 'request')
  return tenant
}
