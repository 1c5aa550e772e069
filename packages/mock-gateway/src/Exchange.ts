import type { FaultTarget } from './faults/faults'
import type { Connection } from './http/Connection'
import type { OpenRequest } from './state'

/** One request on its way through the gateway. */
export interface Exchange extends FaultTarget {
  readonly id: string
  readonly url: URL
  readonly request: Request
  readonly connection: Connection
  readonly record: OpenRequest
  /** It hands out what has to last: money, a token, a key. */
  lasting?: true
  /** How much of a rate limit is left, as headers say it. */
  rate?: Readonly<Record<string, string>>
  /** What PAYMENT-RESPONSE will say, and under which name. */
  receipt: Receipt | undefined
}

/** A PAYMENT-RESPONSE in the making. */
export interface Receipt {
  readonly header: 'PAYMENT-RESPONSE' | 'X-PAYMENT-RESPONSE'
  readonly content: Readonly<Record<string, unknown>>
}
