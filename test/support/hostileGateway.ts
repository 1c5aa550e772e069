import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from './listen'

/** What a hostile gateway sees of one request. */
export type Seen = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The decoded PAYMENT-SIGNATURE, if there was one. */
  readonly payment: { payload: { authorization: { nonce: string; from: string } } } | undefined
}

/** A server that answers as `answer` says, and keeps all that it was sent. */
export async function startHostileGateway(
  answer: (seen: Seen, response: ServerResponse, url: string) => void,
): Promise<{ readonly url: string; readonly seen: readonly Seen[]; nonces(): Set<string> }> {
  const seen: Seen[] = []
  const url = await listen(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const header = request.headers['payment-signature']
    const one: Seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      payment:
        typeof header === 'string'
          ? JSON.parse(Buffer.from(header, 'base64').toString())
          : undefined,
    }
    seen.push(one)
    answer(one, response, url)
  })
  return {
    url,
    seen,
    nonces: () =>
      new Set(seen.flatMap(({ payment }) => payment?.payload.authorization.nonce ?? [])),
  }
}

/** USDC on Base, and somebody to pay. */
export const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
export const PAY_TO = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'

/** An honest offer of one dollar on Base, with some fields changed. */
export function offer(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    scheme: 'exact',
    network: 'eip155:8453',
    amount: '1000000',
    asset: USDC,
    payTo: PAY_TO,
    maxTimeoutSeconds: 60,
    extra: { name: 'USD Coin', version: '2' },
    ...changes,
  }
}

/** A PAYMENT-REQUIRED header of x402 v2. */
export function challenge(
  url: string,
  accepts: readonly unknown[] = [offer()],
  changes = {},
): string {
  return base64({
    x402Version: 2,
    resource: { url: `${url}/v1/chat/completions` },
    accepts,
    ...changes,
  })
}

/** Base64 of JSON. */
export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64')
}

/** An unsigned JWT-shaped token. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256' })}.${part(claims)}.${part('signature')}`
}
