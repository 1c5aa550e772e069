import type { Fetch, PayerFactory, Wallets } from '@arouter/mock-gateway/conformance'
import { type Answer, type Fields, isFields, parse } from './Answer'
import { findToken } from './findToken'
import { readOffers } from './readOffers'
import { signIn } from './signIn'
import { signOffer } from './signOffer'

/** In which way a payer is bad. */
export type Badness = {
  /** `sensible`: an offer like an honest one where there is one, else the first. */
  readonly takes: 'sensible' | 'first'
  /** Where it looks for terms first. */
  readonly reads: 'header' | 'body'
  /** Whether it keeps tokens, from wherever. */
  readonly tokens: 'kept' | 'ignored'
  /** `loud`: throws whatever is no success, with all it knows. */
  readonly errors: 'quiet' | 'loud'
}

const TRIES = 2
const PATIENCE_MS = 8_000

/**
 * A payer that signs whatever it is asked to, follows redirects with all it carries, takes any token
 * from anywhere, tells everything in its errors, ignores signals, and pays anew when in doubt.
 */
export function badPayer(badness: Badness): PayerFactory {
  return (baseURL, wallets) => {
    let token: string | undefined
    const sent: string[] = []

    const send = async (url: string, init: RequestInit): Promise<Answer> => {
      const headers = new Headers(init.headers)
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      sent.push(JSON.stringify([...headers]), String(init.body))
      const answer = await follow(url, { ...init, headers }, badness.reads)
      if (badness.tokens === 'kept') token = findToken(answer) ?? token
      return answer
    }

    const once = async (url: string, request: RequestInit): Promise<Answer> => {
      let answer = await send(url, request)
      await obey(answer, wallets)
      answer = (await signIn(answer, wallets, baseURL, url, request, send)) ?? answer
      const offer = choose(readOffers(answer, badness.reads), badness)
      if (!offer) return answer
      const { name, value } = await signOffer(offer, wallets, answer.date)
      const headers = new Headers(request.headers)
      headers.set(name, value)
      const paid = await send(url, { ...request, headers })
      const { status } = paid.response
      if (status === 402 || status === 408 || status === 429 || status >= 500) throw report(paid)
      return paid
    }

    return async (input, init) => {
      const { url, request } = await read(input, init)
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await once(url, request)
          if (badness.errors === 'loud' && !answer.response.ok) throw report(answer)
          return answer.response
        } catch (cause) {
          if (tries === TRIES) throw new Error(`failed: ${sent.join(' ')}`, { cause })
        }
      }
    }
  }
}

function report({ response, text }: Answer): Error {
  return new Error(`${response.status} ${JSON.stringify([...response.headers])} ${text}`)
}

async function read(input: Parameters<Fetch>[0], init: RequestInit | undefined) {
  const { signal: _, ...rest } = init ?? {}
  if (input instanceof Request) {
    const body = input.body ? new Uint8Array(await input.arrayBuffer()) : null
    return { url: input.url, request: { method: input.method, headers: input.headers, body } }
  }
  const url = new URL(String(input))
  url.username = ''
  url.password = ''
  return { url: url.href, request: rest }
}

/** Sends, and follows wherever it is sent to, as often as it is. */
async function follow(url: string, init: RequestInit, reads: Badness['reads']): Promise<Answer> {
  let at = url
  for (let hops = 0; ; hops += 1) {
    const response = await soon(fetch(at, { ...init, redirect: 'manual' }))
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || !location || hops > 20) {
      const isComplete =
        reads === 'header' && response.status === 402 && response.headers.has('payment-required')
      const text = isComplete ? '' : await response.clone().text()
      const date = Date.parse(response.headers.get('date') ?? '')
      return { response, text, date: Number.isNaN(date) ? Date.now() : date }
    }
    at = new URL(location, at).href
  }
}

function soon(promise: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing came')), PATIENCE_MS)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function choose(offers: readonly Fields[], { takes }: Badness): Fields | undefined {
  return (takes === 'sensible' ? offers.find(isSensible) : undefined) ?? offers[0]
}

function isSensible(offer: Fields): boolean {
  const extra = isFields(offer.extra) ? offer.extra : {}
  const asset = String(offer.asset)
  return (
    offer.scheme === 'exact' &&
    /^(eip155:8453|base|solana(:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp)?)$/.test(String(offer.network)) &&
    /^(0x833589fcd6edb6e08f4c7c32d4f71b54bda02913|EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v)$/i.test(
      asset,
    ) &&
    extra.assetTransferMethod !== 'permit2' &&
    Number(offer.amount ?? offer.maxAmountRequired) <= 100_000
  )
}

/** Signs what a body asks for outside of any protocol. */
async function obey({ response, text }: Answer, { evm }: Wallets): Promise<void> {
  const body = parse(text)
  if (response.ok || !isFields(body)) return
  if ('spender' in body || 'typedData' in body) {
    await evm.signTypedData({
      domain: {},
      types: { Permit: [{ name: 'owner', type: 'address' }] },
      primaryType: 'Permit',
      message: { owner: evm.address },
    })
  }
  if (body.method === 'eth_sendTransaction') {
    await evm.signTransaction({ chainId: 8453, type: 'eip1559', gas: 21_000n })
  }
}
