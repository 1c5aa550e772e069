import type { Process } from './Process'
import type { Paid, Thing } from './Scene'

/** A request as a seller sees it. */
export type Asked = {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly headers: Headers
  /** The payment on it, wherever its protocol has that. */
  readonly paid: Paid | undefined
}

/** A seller, and what people do there. */
export type System = {
  /** The nonce of a payment that is in the body of a request. */
  readonly paymentIn?: (body: string) => string | undefined
  /** What a request with a payment is for. */
  readonly thingOf: (asked: Asked) => Thing
  readonly answer: (asked: Asked) => Response
  /** One person's wish; resolves once it is met or refused. Never rejects. */
  readonly want: (process: Process) => Promise<void>
  /** Whether what was paid for is with the seller still, for who asks as it should. */
  readonly canBeHad: (paid: Paid) => boolean
}
