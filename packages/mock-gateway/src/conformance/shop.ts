import type { Json, SOLANA } from './offers'
import { BASE, base64, envelope, envelopeV1 } from './offers'
import type { Reply, Seen, Site } from './site'
import type { Stage } from './stage'
import { paymentHeader } from './till'

type Terms = (origin: string) => Json | string | Promise<Json | string>

/** An offer that a payer should take: of $0.05, or of `amount` units. */
export async function goodOffer(
  { till }: Stage,
  network: typeof BASE | typeof SOLANA = BASE,
  amount = 50_000n,
): Promise<Json> {
  const offers = await till.offers(network)
  return { ...offers.find((offer) => offer.amount === amount.toString()) }
}

/** The origin a request was addressed to. */
export function originOf(seen: Seen): string {
  return `http://${seen.host}`
}

/** A 402 with these terms in PAYMENT-REQUIRED, to the letter where they are a text. */
export function challenge(terms: Json | string, more: Partial<Exclude<Reply, string>> = {}): Reply {
  return {
    status: 402,
    body: '{}',
    ...more,
    headers: { ...more.headers, 'payment-required': base64(terms) },
  }
}

/** A 402 with these terms in its body. */
export function challengeV1(terms: Json | string): Reply {
  const body = typeof terms === 'string' ? terms : JSON.stringify(terms)
  return { status: 402, headers: { 'content-type': 'application/json' }, body }
}

/** Whether a request is one that a payer makes by itself, to sign in. */
export function isSignIn({ path }: Seen): boolean {
  return path === '/v1/x402/auth'
}

/** Answers 402 until there is a payment, and takes any. It has no sign-in. */
export function hostileShop(
  stage: Stage,
  answer: (seen: Seen) => Reply | Promise<Reply>,
): Promise<Site> {
  return stage.serve((seen) => {
    if (isSignIn(seen)) return undefined
    return paymentHeader(seen.headers) ? { body: 'served' } : answer(seen)
  })
}

/** How an honest shop differs from the plainest one. */
export interface ShopOptions {
  /** The answer to a request without payment, given the origin. */
  readonly ask: (origin: string, seen: Seen) => Reply | Promise<Reply>
  /** The answer to a settled payment, given its receipt, which has a token. */
  readonly serve?: (receipt: Json, seen: Seen) => Reply
  /** Where set, a token that a receipt gave is taken in place of a payment. */
  readonly sessions?: 'on'
}

/** A shop that has payments verified and settled, and serves each once. */
export function honestShop(stage: Stage, options: ShopOptions): Promise<Site> {
  const tokens = new Set<string>()
  return stage.serve(async (seen) => {
    if (isSignIn(seen)) return undefined
    const token = seen.headers.authorization?.slice('Bearer '.length) ?? ''
    if (options.sessions && tokens.has(token)) return { body: 'served' }
    const header = paymentHeader(seen.headers)
    if (!header) return options.ask(originOf(seen), seen)
    const { jwt, ...receipt } = await stage.till.take(seen.headers)
    if (receipt.success !== true) {
      return { status: 402, headers: { 'payment-response': base64(receipt) }, body: '{}' }
    }
    if (options.serve) return options.serve({ ...receipt, jwt }, seen)
    if (typeof jwt === 'string') tokens.add(jwt)
    const shown = options.sessions ? { ...receipt, jwt } : receipt
    const name = header[0] === 'x-payment' ? 'x-payment-response' : 'payment-response'
    return { headers: { [name]: base64(shown) }, body: 'served' }
  })
}

/** An honest shop whose 402 has these offers. */
export function shopOf(stage: Stage, accepts: unknown, changes: Json = {}): Promise<Site> {
  return honestShop(stage, { ask: (origin) => challenge(envelope(origin, accepts, changes)) })
}

/** The same in x402 version 1. */
export function shopOfV1(
  stage: Stage,
  accepts: readonly Json[],
  changes: Json = {},
): Promise<Site> {
  return honestShop(stage, { ask: (origin) => challengeV1(envelopeV1(origin, accepts, changes)) })
}

/** A hostile shop whose 402 has these terms. */
export function hostileTerms(stage: Stage, terms: Terms): Promise<Site> {
  return hostileShop(stage, async (seen) => challenge(await terms(originOf(seen))))
}
