import { parseObject } from '../../encoding'
import { type Key0Code, readRefusal } from './key0Error'

/** What a seller was heard to say of one purchase, and whether it was shown a payment. */
export type Heard = {
  /** What the seller calls the purchase; undefined where it has no name. */
  requestId: string | undefined
  isPaid: boolean
  /** Of paid requests, oldest first. */
  readonly refusals: { readonly code: Key0Code; readonly words: string }[]
  /** The payment as the seller names it in a refusal. */
  transaction?: string
}

/** Nothing yet. */
export function nothingHeard(requestId?: string): Heard {
  return { requestId, isPaid: false, refusals: [] }
}

const HASH = /^0x[0-9a-f]{64}$/i

/** Remembers a refusal of a request that carried a payment. */
export function hear(heard: Heard, text: string): void {
  if (!heard.isPaid) return
  const body = parseObject(text)
  heard.refusals.push(readRefusal(body))
  if (typeof body?.txHash === 'string' && HASH.test(body.txHash)) heard.transaction = body.txHash
}
