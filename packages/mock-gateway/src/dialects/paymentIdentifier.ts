import { createHistory } from '../history'
import { GatewayError, invalidRequest } from '../http/GatewayError'
import { asObject, type JsonObject, objectFromBase64 } from '../http/jsonObject'

/** Whether a payment may or must name itself: the x402 extension `payment-identifier`. */
export type PaymentIdentifier = 'optional' | 'required'

const FORM = /^[a-zA-Z0-9_-]{16,128}$/

/** What a 402 says of the extension. */
export function paymentIdentifierOffer(rule: PaymentIdentifier): JsonObject {
  return {
    info: { required: rule === 'required' },
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        required: { type: 'boolean' },
        id: { type: 'string', minLength: 16, maxLength: 128, pattern: '^[a-zA-Z0-9_-]+$' },
      },
      required: ['required'],
    },
  }
}

/**
 * The id in a PAYMENT-SIGNATURE. Throws 400 for one of another form, and for none where it is required.
 */
export function paymentIdOf(header: string, rule: PaymentIdentifier): string | undefined {
  const extension = asObject(objectFromBase64(header)?.extensions)?.['payment-identifier']
  const id = asObject(asObject(extension)?.info)?.id
  if (typeof id === 'string' && FORM.test(id)) return id
  if (id !== undefined) throw invalidRequest('the payment identifier is malformed')
  if (rule === 'required') throw invalidRequest('the payment needs a payment identifier')
  return undefined
}

/** What was answered to each payment that named itself. */
export interface Answers<A> {
  /**
   * The answer to the same payment under the same name; undefined where there is none yet, and the name is then
   * this payment's. Throws 409 for a name that another payment has.
   */
  claim(id: string, fingerprint: string): A | undefined
  settle(id: string, fingerprint: string, answer: A): void
  /** Nothing was bought under this name: it is free again. */
  release(id: string): void
  reset(): void
  save(): readonly (readonly [string, Claimed<A>])[]
  load(saved: readonly (readonly [string, Claimed<A>])[]): void
}

interface Claimed<A> {
  readonly fingerprint: string
  readonly answer: A | undefined
}

/** Remembers the last `history` of them. */
export function createAnswers<A>(history: number): Answers<A> {
  const claimed = new Map<string, Claimed<A>>()
  const settled = createHistory<string>(history, (id) => claimed.delete(id))
  return {
    claim: (id, fingerprint) => {
      const earlier = claimed.get(id)
      if (earlier && earlier.fingerprint !== fingerprint) {
        const message = 'the payment identifier was used with another payment'
        throw new GatewayError(409, 'invalid_request_error', message)
      }
      claimed.set(id, earlier ?? { fingerprint, answer: undefined })
      return earlier?.answer
    },
    settle: (id, fingerprint, answer) => {
      claimed.set(id, { fingerprint, answer })
      settled.add(id)
    },
    release: (id) => {
      if (!claimed.get(id)?.answer) claimed.delete(id)
    },
    reset: () => {
      claimed.clear()
      settled.clear()
    },
    save: () => [...claimed].filter(([, { answer }]) => answer !== undefined),
    load: (saved) => {
      for (const [id, entry] of saved) {
        claimed.set(id, entry)
        settled.add(id)
      }
    },
  }
}
