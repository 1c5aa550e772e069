import { isObject } from '../encoding'
import type { PaymentContext } from '../exchange'
import { fromDollars } from '../payment/fromDollars'
import type { PaymentFacts } from '../payment/PaymentFacts'

/** What an answer cost, and the payment that was made to get it. */
export type Bill = {
  /** Atomic units of USDC, rounded up; undefined where the answer does not say. */
  readonly cost: bigint | undefined
  /** The payment this very call made, or took up; undefined where there was credit. */
  readonly payment: (PaymentFacts & { readonly transaction: string | undefined }) | undefined
}

/** What comes with its bill. */
export type Billed = {
  /**
   * Of a stream, on the first event and on those that tell of usage. It is not enumerated: what is made
   * of an answer by JSON or by spreading has none.
   */
  readonly bill?: Bill
}

/** Puts a bill on what an answer was read as; on text, and on nothing, there is no place for one. */
export function bill<T>(value: T, payment: PaymentContext | undefined, origin: string): T {
  if (!isObject(value)) return value
  const { usage } = value
  const cost =
    isObject(usage) && typeof usage.cost === 'number' ? fromDollars(usage.cost) : undefined
  const paid = payment && { ...factsIn(payment, origin), transaction: payment.transaction }
  return Object.defineProperty(value, 'bill', { value: { cost, payment: paid } })
}

function factsIn(
  { attempt: id, from: address, network, amount, payTo }: PaymentContext,
  origin: string,
): PaymentFacts {
  return { id, origin, address, network, amount: BigInt(amount), payTo }
}
