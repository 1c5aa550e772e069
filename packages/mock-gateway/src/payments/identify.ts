import type { Exchange, Receipt } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import { authenticate, credentialOf, type Principal } from '../tenants/authenticate'
import type { ApiKey } from '../tenants/keys'
import type { Tenant } from '../tenants/tenants'
import type { Payment } from './decodePayment'
import { decodePayment, decodePaymentV1 } from './decodePayment'
import { refuse } from './refuse'

/** Who sent a request: a tenant, somebody with a payment in hand, or both. */
export type Visitor =
  | ({ readonly kind: 'tenant' } & Principal)
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
  const { chains, config } = gateway
  const credential = credentialOf(exchange.request, exchange.url)
  const principal = credential && (await authenticate(credential, gateway))
  if (principal?.key) {
    assertMayInfer(gateway, principal.tenant, principal.key)
    return { kind: 'tenant', ...principal }
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
  const tenant = principal?.tenant ?? (await signedInBy(gateway, exchange))
  if (!tenant) throw refuse(gateway, exchange, 'payment required')
  return { kind: 'tenant', tenant, key: undefined }
}

function assertMayInfer({ generations }: Gateway, tenant: Tenant, key: ApiKey): void {
  const refuseKey = (message: string) => new GatewayError(403, 'permission_error', message)
  if (key.type === 'management') throw refuseKey('a management key cannot be used for inference')
  if (tenant.balance <= 0n) throw refuseKey('this API key has no balance left')
  const { limit, hash, limitReset } = key
  if (limit !== undefined && generations.spent(hash, limitReset) >= limit) {
    throw refuseKey('this API key has reached its limit')
  }
}

async function signedInBy(gateway: Gateway, exchange: Exchange): Promise<Tenant | undefined> {
  const header = exchange.request.headers.get('sign-in-with-x')
  if (header === null || gateway.config.siwx.extension === 'off') return undefined
  const address = await gateway.desk.checkOn(exchange.url, header)
  const tenant = gateway.tenants.ofWallet(address)
  gateway.journal.signedIn(address, tenant, 'request')
  return tenant
}
