import { ARouter, memoryStore, type WalletOptions, withX402EvmPayment } from '@arouter/sdk'
import {
  createSIWxResourceServerExtension,
  declareSIWxExtension,
  InMemorySIWxStorage,
  type SIWxHookEvent,
} from '@x402/extensions/sign-in-with-x'
import { countingAccount } from './harness'
import { base64, jwt, offer, type Seen, startHostileGateway } from './hostileGateway'

/** A client of the gateway at `url` and every sign-in message its wallet was asked to sign. */
export function signInClient(url: string, options: WalletOptions = {}) {
  const { account, signed } = countingAccount()
  const messages: string[] = []
  const spy = {
    ...account,
    signMessage: ((parameters) => {
      messages.push(String(parameters.message))
      return account.signMessage(parameters)
    }) as typeof account.signMessage,
  }
  const client = withX402EvmPayment(new ARouter({ baseURL: url, maxRetries: 0 }), spy, {
    store: memoryStore(),
    ...options,
  })
  return { client, account, signed, messages }
}

/** The value of one field of a sign-in message. */
export function fieldOf(message: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1]
}

/** Milliseconds from issue to end of a sign-in message. */
export function lifetimeOf(message: string): number {
  const time = (name: string) => Date.parse(fieldOf(message, name) ?? '')
  return time('Expiration Time') - time('Issued At')
}

/**
 * A server that charges for nothing it was paid for before, made of the official extension: it takes
 * proofs on requests, and whatever looks like a payment.
 */
export async function startOfficialServer() {
  const storage = new InMemorySIWxStorage()
  const nonces = new Set<string>()
  const events: SIWxHookEvent[] = []
  const guard = Object.assign(storage, {
    hasUsedNonce: (nonce: string) => nonces.has(nonce),
    recordNonce: (nonce: string) => void nonces.add(nonce),
  })
  const declaration = declareSIWxExtension({
    statement: 'Sign in to get what you have bought',
    expirationSeconds: 300,
  })['sign-in-with-x']
  const server = await startHostileGateway(async ({ path, headers, payment }, response, url) => {
    if (path === '/v1/x402/auth') return void response.writeHead(404).end('{}')
    const extension = createSIWxResourceServerExtension({
      storage: guard,
      origin: url,
      onEvent: (event) => void events.push(event),
    })
    if (payment) {
      storage.recordPayment(path, payment.payload.authorization.from)
      return void response.end('{"choices":[]}')
    }
    const adapter = { getHeader: (name: string) => headers[name.toLowerCase()] }
    const admitted = await Reflect.apply(
      extension.transportHooks?.http?.onProtectedRequest ?? never,
      undefined,
      [declaration, { adapter, path }, { accepts: [offer()] }],
    )
    if (admitted?.grantAccess) return void response.end('{"choices":[]}')
    const resourceInfo = { url: url + path }
    const extended = await Reflect.apply(
      extension.enrichPaymentRequiredResponse ?? never,
      undefined,
      [declaration, { resourceInfo, requirements: [offer()] }],
    )
    const required = {
      x402Version: 2,
      resource: resourceInfo,
      accepts: [offer()],
      extensions: { 'sign-in-with-x': extended },
    }
    response.writeHead(402, { 'payment-required': base64(required) }).end('{}')
  })
  return { ...server, events }
}

function never(): never {
  throw new Error('the official extension has no such hook')
}

/** The `sign-in-with-x` an honest 402 of `url` offers, with some of `info` changed. */
export function signInOffer(url: string, changes: Readonly<Record<string, unknown>> = {}) {
  const now = Date.now()
  return {
    info: {
      domain: new URL(url).host,
      uri: `${url}/v1/chat/completions`,
      version: '1',
      nonce: crypto.randomUUID().replaceAll('-', ''),
      issuedAt: new Date(now).toISOString(),
      expirationTime: new Date(now + 300_000).toISOString(),
      ...changes,
    },
    supportedChains: [{ chainId: 'eip155:8453', type: 'eip191' }],
    schema: { type: 'object' },
  }
}

/**
 * A gateway whose 402s and refused sign-ins offer `sign-in-with-x` as `offered` says; it takes the
 * payment of a request, no proof and no token. It has no sign-in endpoint, or one that always offers
 * or always admits.
 */
export function startOfferingServer(
  offered: (url: string) => unknown,
  endpoint: 'absent' | 'offers' | 'admits' = 'absent',
) {
  return startHostileGateway(({ path, payment, headers }: Seen, response, url) => {
    const required = {
      x402Version: 2,
      resource: { url: `${url}/v1/chat/completions` },
      accepts: [offer()],
      extensions: { 'sign-in-with-x': offered(url) },
    }
    const header = { 'payment-required': base64(required) }
    if (path === '/v1/x402/auth') {
      if (endpoint === 'admits') {
        return void response.end(JSON.stringify({ jwt: jwt({}), tenant_id: 't', key_id: 'k' }))
      }
      return void response.writeHead(endpoint === 'absent' ? 404 : 401, header).end('{}')
    }
    if (payment) return void response.end('{"choices":[]}')
    if (headers.authorization) return void response.writeHead(401).end('{}')
    response.writeHead(402, header).end('{}')
  })
}
