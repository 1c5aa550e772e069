import type { PaymentRequirements } from '@x402/core/types'
import type { Exchange, Receipt } from '../Exchange'
import { strikeOnceSettled } from '../faults/strikeOnceSettled'
import type { Gateway } from '../Gateway'
import type { Answered } from '../http/Answered'
import type { JsonObject } from '../http/jsonObject'
import { jsonResponse } from '../jsonResponse'
import type { NetworkId } from '../networks'
import { ask } from '../payments/ask'
import { carrierOf } from '../payments/carrierOf'
import { buildChallenge } from '../payments/challenge'
import { decodePayment, decodePaymentV1, type Payment } from '../payments/decodePayment'
import { createSettler, type Outcome, type Refusal, type SavedSettler } from '../payments/settler'
import { type Resource, termsV1, termsV2 } from '../payments/statedTerms'
import {
  createAnswers,
  type PaymentIdentifier,
  paymentIdentifierOffer,
  paymentIdOf,
} from './paymentIdentifier'
import type { SaleRecord } from './sales'

/** What is sold, and for how much. */
export interface Offer {
  /** Of x402: the terms in a header, or in the body. */
  readonly version: 1 | 2
  /** Atomic USDC units. */
  readonly amount: bigint
  readonly resource: Resource
  /** Where it can be paid. Default: on each network of the gateway. */
  readonly networks?: readonly NetworkId[]
  /** `extra` of each offer as it is told, over what a payment is checked by. */
  readonly extra?: JsonObject
  /** Whether `asset` and `extra` are told; x402 v2 only. Default `whole`. */
  readonly telling?: 'whole' | 'bare'
  /** x402 v2 only. */
  readonly extensions?: JsonObject
  /** x402 v2 only: what `sell` takes. Default: none. */
  readonly paymentIdentifier?: PaymentIdentifier | undefined
  /** Body of a 402 beside its header, made of the terms. Default: `{ error }`. x402 v2 only. */
  readonly body?: (terms: JsonObject) => JsonObject
}

/** A payment in hand, with nobody else at work on the same authorization. */
export interface Claim {
  readonly payment: Payment
  /** Undefined for a payment that is good. Moves nothing. */
  verify(): Promise<Refusal | undefined>
  /** Moves the money. The answer will bear the receipt, also of a refusal. */
  settle(): Promise<Outcome<SaleRecord>>
}

/** What is made for a payment. */
export interface Goods {
  readonly body: unknown
  /** Default 200. */
  readonly status?: number
  /** What it is, in a word or two, without secrets: for `state.sales`. */
  readonly what: string
  /** Puts it in force, once the money has moved. */
  readonly keep?: () => void
}

/** Where one system takes payments for single things. */
export interface Till {
  /** PaymentRequired for an offer, in its version. */
  terms(offer: Offer, reason: string): JsonObject
  /** The 402 that ends an exchange, with the terms and the reason; `headers` come on top. */
  refuse(
    exchange: Exchange,
    offer: Offer,
    reason: string,
    headers?: Readonly<Record<string, string>>,
  ): Answered
  /** The payment in the header of the offer's version, or undefined without one. Throws 400 for a malformed one. */
  paymentOf(exchange: Exchange, offer: Offer): Payment | undefined
  /** Takes a payment in hand: one at a time of those that bear the same authorization. */
  hold<T>(
    exchange: Exchange,
    offer: Offer,
    payment: Payment,
    run: (claim: Claim) => Promise<T>,
  ): Promise<T>
  /**
   * Sells in the order of the official middleware: verifies, makes, settles, hands over. What `make` throws ends
   * the exchange, and nothing is settled. Throws a 402 without a payment, and for one that is refused.
   */
  sell(
    exchange: Exchange,
    offer: Offer,
    make: (payment: Payment) => Promise<Goods> | Goods,
  ): Promise<Response>
  /** Gives the money of a sale back; the transaction. Rejects with what the chain says where it cannot, and off EVM. */
  refund(sale: SaleRecord): Promise<string>
  reset(): void
  save(): SavedTill
  load(saved: SavedTill): void
}

/** A till as it is kept in a file. */
export interface SavedTill {
  readonly settler: SavedSettler<SaleRecord>
  readonly answers: ReturnType<ReturnType<typeof createAnswers<Answer>>['save']>
}

interface Answer {
  readonly body: unknown
  readonly status: number | undefined
  readonly receipt: Receipt | undefined
}

/** The till of one system. */
export function createTill(gateway: Gateway, dialect: string): Till {
  const { chains, facilitator, clock, config, sales } = gateway
  const { history } = config
  const networks = chains.map(({ network }) => network)
  const settler = createSettler<SaleRecord>({
    chains,
    facilitator,
    clock,
    replay: 'reject',
    history,
    record: (settlement) => sales.add(dialect, settlement),
  })
  sales.collectBy(settler.collectLate)
  const answers = createAnswers<Answer>(history)

  const requirementsOf = ({ amount, networks: wanted }: Offer): readonly PaymentRequirements[] =>
    gateway.terms
      .priced(amount)
      .filter(({ network }) => !wanted || wanted.some((id) => id === network))
  const stated = (offer: Offer, reason: string) => {
    const { resource, paymentIdentifier: rule } = offer
    const named = rule && { 'payment-identifier': paymentIdentifierOffer(rule) }
    const extensions = offer.extensions || named ? { ...offer.extensions, ...named } : undefined
    const offers = requirementsOf(offer).map(({ asset, extra, ...bare }) =>
      offer.telling === 'bare' ? bare : { ...bare, asset, extra: { ...extra, ...offer.extra } },
    )
    return { offers, resource, reason, extensions }
  }
  const terms: Till['terms'] = (offer, reason) => {
    const parts = stated(offer, reason)
    return offer.version === 1 ? termsV1(parts) : termsV2(parts)
  }
  const refuse: Till['refuse'] = (exchange, offer, reason, headers = {}) => {
    const body = JSON.stringify(offer.body?.(terms(offer, reason)) ?? { error: reason })
    const form = offer.version === 1 ? 'v1' : 'header'
    const challenge = buildChallenge(form, stated(offer, reason), body)
    return ask(gateway, exchange, { ...challenge, headers: { ...challenge.headers, ...headers } })
  }
  const hold: Till['hold'] = (exchange, offer, payment, run) => {
    const header = offer.version === 1 ? 'X-PAYMENT-RESPONSE' : 'PAYMENT-RESPONSE'
    const { payer, network } = payment
    const facts = { network: offer.version === 1 ? network.v1Name : network.id, payer }
    const refused = (refusal: Refusal): Refusal => {
      const { reason, transaction } = refusal
      const content = { success: false, errorReason: reason, transaction, ...facts }
      exchange.receipt = { header, content }
      return refusal
    }
    const claimed = async () => {
      const requirements = requirementsOf(offer).find(
        (one) => one.network === network.id && one.amount === payment.amount.toString(),
      )
      // What was paid for another offer is no payment for this one, settled or not.
      const earlier = requirements ? settler.recall(payment) : notOffered
      const carrier = carrierOf(gateway, exchange)
      return run({
        payment,
        verify: async () => {
          if (earlier?.kind === 'refused') return refused(earlier)
          if (earlier || !requirements) return undefined
          const refusal = await settler.verify({ payment, requirements, carrier })
          return refusal && refused(refusal)
        },
        settle: async () => {
          const outcome =
            earlier ??
            (requirements ? await settler.settle({ payment, requirements, carrier }) : notOffered)
          if (outcome.kind === 'refused') return refused(outcome)
          const { transaction } = outcome.record
          exchange.receipt = { header, content: { success: true, transaction, ...facts } }
          exchange.lasting = true
          return outcome
        },
      })
    }
    return settler.alone(payment, claimed)
  }
  const paymentOf: Till['paymentOf'] = ({ request }, { version }) => {
    const header = request.headers.get(version === 1 ? 'x-payment' : 'payment-signature')
    if (header === null) return undefined
    return version === 1 ? decodePaymentV1(header, networks) : decodePayment(header, networks)
  }
  const sell: Till['sell'] = async (exchange, offer, make) => {
    const payment = paymentOf(exchange, offer)
    if (!payment) throw refuse(exchange, offer, 'payment required')
    const { paymentIdentifier: rule } = offer
    const id = rule && paymentIdOf(exchange.request.headers.get('payment-signature') ?? '', rule)
    return hold(exchange, offer, payment, async (claim) => {
      const earlier = id && answers.claim(id, payment.fingerprint)
      if (earlier) {
        exchange.receipt = earlier.receipt
        return jsonResponse(gateway, exchange, earlier.body, earlier.status)
      }
      try {
        const refusal = await claim.verify()
        if (refusal) throw refuse(exchange, offer, refusal.reason)
        const { body, status, what, keep } = await make(payment)
        const outcome = await claim.settle()
        if (outcome.kind === 'refused') throw refuse(exchange, offer, outcome.reason)
        sales.note(outcome.record.id, { delivered: what })
        keep?.()
        const { receipt } = exchange
        if (id) answers.settle(id, payment.fingerprint, { body, status, receipt })
        strikeOnceSettled(gateway, exchange, () => refuse(exchange, offer, 'payment required'))
        return jsonResponse(gateway, exchange, body, status)
      } finally {
        if (id) answers.release(id)
      }
    })
  }

  return {
    terms,
    refuse,
    paymentOf,
    hold,
    sell,
    refund: async ({ id, network, payTo, payer, amount }) => {
      const chain = chains.find((candidate) => candidate.network.id === network)
      if (!chain) throw new Error(`nothing is given back on ${network}`)
      const transaction = await chain.giveBack(payTo, payer, amount)
      sales.note(id, { refund: transaction })
      return transaction
    },
    reset: () => {
      settler.reset()
      answers.reset()
    },
    save: () => ({ settler: settler.save(), answers: answers.save() }),
    load: (saved) => {
      settler.load(saved.settler)
      answers.load(saved.answers)
    },
  }
}

const notOffered: Refusal = {
  kind: 'refused',
  reason: 'No matching payment requirements',
  transaction: '',
}
