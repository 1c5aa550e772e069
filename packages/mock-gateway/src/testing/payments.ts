import type { PaymentPayload, PaymentRequired } from '@x402/core/types'
import type { x402Client } from '@x402/fetch'
import type { LocalAccount } from 'viem'
import { getAddress } from 'viem'
import type { MockGateway } from '../createMockGateway'
import { networkOf } from '../networks'
import { chat, decoded, withHeaders } from './chat'
import { BASE } from './officialClients'

/** The terms of a 402 to a bare request. */
export async function termsOf(gateway: MockGateway): Promise<PaymentRequired> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, chat('terms'))
  const terms = decoded(response, 'PAYMENT-REQUIRED')
  if (!terms) throw new Error('the gateway stated no terms')
  return terms as unknown as PaymentRequired
}

/** A payment signed by the official client for the gateway's terms, changed first if asked. */
export async function signPayment(
  gateway: MockGateway,
  payer: { readonly client: x402Client },
  change: (terms: PaymentRequired) => PaymentRequired = (terms) => terms,
): Promise<PaymentPayload> {
  return payer.client.createPaymentPayload(change(await termsOf(gateway)))
}

/** A chat request that carries a payment. */
export function sendPayment(
  gateway: MockGateway,
  payment: unknown,
  init: RequestInit = chat('paid'),
): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, paid(payment, init))
}

/** The request with the payment in PAYMENT-SIGNATURE. */
export function paid(payment: unknown, init: RequestInit = chat('paid')): RequestInit {
  const header = Buffer.from(JSON.stringify(payment)).toString('base64')
  return withHeaders(init, { 'PAYMENT-SIGNATURE': header })
}

/** An EIP-3009 payment of the cheapest offer on Base with times of the test's choosing. */
export async function signAt(
  gateway: MockGateway,
  account: Pick<LocalAccount, 'address' | 'signTypedData'>,
  times: { readonly validAfter: number; readonly validBefore: number },
): Promise<Record<string, unknown>> {
  const terms = await termsOf(gateway)
  const accepted = terms.accepts.find((offer) => offer.network === BASE)
  const network = networkOf(BASE)
  if (!accepted || network.kind !== 'evm') throw new Error('the gateway does not offer Base')
  const authorization = {
    from: account.address,
    to: getAddress(accepted.payTo),
    value: accepted.amount,
    validAfter: String(times.validAfter),
    validBefore: String(times.validBefore),
    nonce: `0x${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex')}` as const,
  }
  const signature = await account.signTypedData({
    domain: {
      name: network.name,
      version: network.version,
      chainId: network.chainId,
      verifyingContract: network.asset,
    },
    types: {
      TransferWithAuthorization: [
        { name: 'from', type: 'address' },
        { name: 'to', type: 'address' },
        { name: 'value', type: 'uint256' },
        { name: 'validAfter', type: 'uint256' },
        { name: 'validBefore', type: 'uint256' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'TransferWithAuthorization',
    message: {
      ...authorization,
      value: BigInt(authorization.value),
      validAfter: BigInt(authorization.validAfter),
      validBefore: BigInt(authorization.validBefore),
    },
  })
  return { x402Version: 2, accepted, payload: { signature, authorization } }
}
