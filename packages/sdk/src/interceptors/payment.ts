import { peek } from '../body'
import type { Interceptor } from '../compose'
import { parseObject } from '../encoding'
import { type ARouterError, isARouterError, retell } from '../errors'
import { abortable, discard, type Exchange } from '../exchange'
import { lead } from '../payment/lead'
import type { Payer } from '../payment/Payer'
import { decodeBody, decodeHeader } from '../payment/requirements'
import { carryToken } from '../payment/settle'
import { carry } from '../session/Session'

/** How a leader's work ended, as far as it concerns those who waited for it. */
type Outcome =
  | { readonly kind: 'met' }
  /** It was paid, and the leader got no answer: the token that was bought may still serve others. */
  | { readonly kind: 'paid'; readonly error: ARouterError }
  /** A fact about the need: true for everyone. */
  | { readonly kind: 'concluded'; readonly error: ARouterError }
  /** A matter of the leader's own call or terms: everyone else goes on with their own. */
  | { readonly kind: 'gone' }

const MOST_BYTES = 64 * 1024

/** Errors that are facts about the need. Any other failure is the leader's own. */
const CONCLUSIONS = new Set([
  'payment_unconfirmed',
  'payment_rejected',
  'budget_exceeded',
  'approval_denied',
  'pay_to_changed',
  'wallet_rejected',
  'wallet_failed',
  'store_failed',
  'store_unreadable',
])

/**
 * Owns `PAYMENT-*`: a 402 makes one caller of this process the leader, who recovers or pays, while
 * all others wait and then send again with the token it brought.
 */
export function payment(payer: Payer): Interceptor {
  let flight: Promise<Outcome> | undefined

  return async (exchange, next) => {
    exchange.headers.delete('payment-signature')
    exchange.headers.delete('x-payment')
    if (!exchange.token) prefetch(payer)
    let triedWhatWasPaid = false
    for (;;) {
      const response = await next(exchange)
      if (response.status !== 402) return response
      exchange.refusedAt = payer.runtime.now()
      payer.clock.learn(response.headers)
      const newest = await payer.sessions.active().newest()
      if (newest && newest.jwt !== exchange.token?.jwt) {
        discard(response)
        carry(exchange, newest)
        continue
      }
      const { required, refusal } = await termsOf(response, exchange)
      let outcome: Outcome = { kind: 'gone' }
      // Those whose leader failed on its own account lead in turn, one after the other.
      while (flight && outcome.kind === 'gone') outcome = await abortable(flight, exchange.signal)
      if (outcome.kind === 'concluded') throw retell(outcome.error)
      if (outcome.kind === 'paid') {
        if (triedWhatWasPaid) throw retell(outcome.error)
        triedWhatWasPaid = true
      }
      if (outcome.kind === 'gone') {
        const led = lead(payer, exchange, next, required)
        const mine = led.then(() => ({ kind: 'met' }) as const, outcomeOf)
        flight = mine
        mine.finally(() => {
          if (flight === mine) flight = undefined
        })
        const answer = await led
        if (answer === 'no terms') return refusal
        if (answer !== 'met elsewhere') return answer
      }
      await carryToken(payer, payer.sessions.active().address, exchange)
    }
  }

  async function termsOf(response: Response, exchange: Exchange) {
    const required = decodeHeader(response.headers)
    if (required) {
      discard(response) // The header is complete; the body may be endless.
      return { required, refusal: response }
    }
    const limits = { idle: exchange.timeout, most: MOST_BYTES, signal: exchange.signal }
    const { text, response: refusal } = await peek(response, payer.runtime, limits)
    return { required: decodeBody(parseObject(text)), refusal }
  }
}

// A 402 is likely: what a payment needs from the chain can be on its way before it comes.
function prefetch({ accounts, policy, runtime }: Payer): void {
  for (const { wallet } of accounts) {
    for (const network of Object.keys(wallet.networks)) {
      const rpc = policy.rpc[network] ?? []
      if (rpc.length > 0) wallet.prefetch?.(network, { rpc, fetch: runtime.fetch })
    }
  }
}

function outcomeOf(error: unknown): Outcome {
  if (!isARouterError(error)) return { kind: 'gone' }
  if (error.code === 'paid_but_failed') return { kind: 'paid', error }
  return CONCLUSIONS.has(error.code) ? { kind: 'concluded', error } : { kind: 'gone' }
}
