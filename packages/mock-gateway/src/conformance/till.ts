import type { IncomingHttpHeaders } from 'node:http'
import type { MockGateway } from '../createMockGateway'
import { createMockGateway } from '../createMockGateway'
import { asObject, objectFromBase64 } from '../http/jsonObject'
import type { Json } from './offers'
import { BASE, type SOLANA } from './offers'
import type { Reply, Seen } from './site'

/** Takes the payments of hand-made servers: a mock gateway that verifies with the official facilitator. */
export interface Till {
  /** Its true offers, the cheapest first. */
  offers(network: typeof BASE | typeof SOLANA): Promise<readonly Json[]>
  /** Settles the payment on a request; resolves to the receipt. */
  take(headers: IncomingHttpHeaders): Promise<Json>
  /** Answers a call to a chain's RPC. */
  rpc(seen: Seen): Promise<Reply>
  close(): Promise<void>
}

const PATH = '/v1/chat/completions'
const CHAT = JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }] })
const OPTIONS = { topUps: [1n, 10_000n, 50_000n, 100_000n], price: 0n }

/** A till that takes payments of one unit, $0.01, $0.05 and $0.10. */
export async function openTill(): Promise<Till> {
  const gateway = await createMockGateway(OPTIONS)
  const offers = async (network: typeof BASE | typeof SOLANA) => {
    const response = await post(gateway, {})
    const terms = objectFromBase64(response.headers.get('PAYMENT-REQUIRED') ?? '')
    const accepts: readonly unknown[] = Array.isArray(terms?.accepts) ? terms.accepts : []
    return accepts.flatMap((offer) => {
      const read = asObject(offer)
      return read?.network === network ? [read] : []
    })
  }
  const [offer] = await offers(BASE)
  const payTo = { [BASE]: String(offer?.payTo) }
  const versionOne = await createMockGateway({
    ...OPTIONS,
    payTo,
    networks: [BASE],
    challenge: 'v1',
  })
  return {
    offers,
    take: async (headers) => {
      const [name, value] = paymentHeader(headers) ?? []
      if (!name || !value) return { success: false, errorReason: 'no payment' }
      const response = await post(name === 'x-payment' ? versionOne : gateway, { [name]: value })
      const receipt =
        response.headers.get('PAYMENT-RESPONSE') ?? response.headers.get('X-PAYMENT-RESPONSE')
      return (
        objectFromBase64(receipt ?? '') ?? { success: false, errorReason: await response.text() }
      )
    },
    rpc: async ({ path, body }) => {
      const response = await gateway.fetch(path, { method: 'POST', body })
      const headers = { 'content-type': 'application/json' }
      return { status: response.status, headers, body: await response.text() }
    },
    close: async () => {
      await Promise.all([gateway.close(), versionOne.close()])
    },
  }
}

function post(gateway: MockGateway, headers: Record<string, string>): Promise<Response> {
  return gateway.fetch(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: CHAT,
  })
}

/** The header that carries a payment, v2 or v1. */
export function paymentHeader(headers: IncomingHttpHeaders): readonly [string, string] | undefined {
  for (const name of ['payment-signature', 'x-payment']) {
    const value = headers[name]
    if (typeof value === 'string') return [name, value]
  }
  return undefined
}
