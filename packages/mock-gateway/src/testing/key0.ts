import type { PaymentPayload, PaymentRequired } from '@x402/core/types'
import type { MockGateway } from '../createMockGateway'
import type { Challenge } from '../dialects/key0/Challenge'
import type { Key0Options } from '../dialects/key0/options'
import type { MockGatewayOptions } from '../options'
import { decoded } from './chat'
import type { Payer } from './officialClients'
import { startGateway } from './startGateway'

/** A gateway that is a Key0 seller and nothing else. Its time stands still until it is advanced. */
export function startKey0(
  key0: Key0Options = {},
  options: MockGatewayOptions = {},
): Promise<MockGateway> {
  const now = Date.now()
  return startGateway({ dialects: ['key0'], key0, clock: () => now, ...options })
}

/** What `/x402/access` is asked with, as it stands on the wire. */
export function order(fields: Record<string, unknown>, payment?: unknown): RequestInit {
  const header = { 'payment-signature': base64(payment) }
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(payment ? header : {}) },
    body: JSON.stringify(fields),
  }
}

/** Asks `/x402/access`. */
export function access(
  { url }: MockGateway,
  fields: Record<string, unknown>,
  payment?: unknown,
): Promise<Response> {
  return fetch(`${url}/x402/access`, order(fields, payment))
}

/** The terms in the header of a 402. */
export function termsIn(response: Response): PaymentRequired {
  const terms = decoded(response, 'payment-required')
  if (!terms) throw new Error('no terms in this answer')
  return terms as unknown as PaymentRequired
}

/** A payment for an order, signed by the official client. */
export async function signFor(
  gateway: MockGateway,
  { client }: Payer<unknown>,
  fields: Record<string, unknown>,
): Promise<PaymentPayload> {
  return client.createPaymentPayload(termsIn(await access(gateway, fields)))
}

/** The only challenge of a gateway. */
export function challengeOf({ state }: MockGateway): Challenge {
  const [challenge, ...more] = state.challenges
  if (!challenge || more.length > 0) throw new Error(`${state.challenges.length} challenges`)
  return challenge
}

/** The states that a challenge went through. */
export function statesOf({ log }: Challenge): readonly string[] {
  return log.map(({ to }) => to)
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value) ?? '').toString('base64')
}
