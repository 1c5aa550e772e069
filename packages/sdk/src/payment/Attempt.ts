import { isObject } from '../encoding'
import { unreadable } from '../errors'
import type { Json } from '../store/Store'
import type { Evidence } from '../wallet'
import type { SignedStatement } from './SignedStatement'

/**
 * `intended` before the signer is asked; `signed` once the payload is on disk, from when on it may
 * have left; `refused` and `unknown` by the answer; `settled` by a receipt, the chain or a served
 * answer. The last three are ends.
 */
export type AttemptState =
  | 'intended'
  | 'signed'
  | 'refused'
  | 'unknown'
  | 'settled'
  | 'abandoned'
  | 'dead'
  | 'writtenOff'

/** One signed payment, or one about to be: the journal's entry. */
export type Attempt = {
  readonly v: 1
  readonly id: string
  readonly state: AttemptState
  readonly origin: string
  /** The paying wallet's address. */
  readonly from: string
  /** CAIP-2. */
  readonly network: string
  /** Atomic units of USDC, in decimal. */
  readonly amount: string
  readonly payTo: string
  /** What it buys where that is one request: its method and URL, without what a query may hold. */
  readonly resource?: string
  /** SHA-256 of that request, in hex. */
  readonly request?: string
  /** The name of that need in the store. */
  readonly need?: string
  /** Milliseconds by the local clock. */
  readonly createdAt: number
  readonly changedAt: number
  /**
   * Who is at it, its last sign of life by its own clock, and for how long others wait for the next
   * one: milliseconds, 0 once it is done. Saves work; safety does not rest on it.
   */
  readonly worker: string
  readonly beat: number
  readonly lease: number
  /** The header that carries the payment, resent to the letter. A secret: never shown. */
  readonly header?: { readonly name: string; readonly value: string }
  readonly evidence?: Evidence
  /** Unix seconds by the gateway's clock after which the chain refuses the payment. */
  readonly expiresAt?: number
  /** Unix seconds by the gateway's clock when it was signed. */
  readonly signedAt?: number
  /** The transaction, by the gateway's word. */
  readonly transaction?: string
  /** How it is known that it settled. */
  readonly settledBy?: 'receipt' | 'answer' | 'credit' | 'chain'
  /** True once a 2xx answer began to come for what was bought. */
  readonly served?: boolean
  /** Bought ahead: when it was signed there may have been credit left. */
  readonly ahead?: true
  /** What the seller signed of it: what it asked, and what it got. */
  readonly signedOffer?: SignedStatement
  readonly signedReceipt?: SignedStatement
  /** What was bought and reached its caller, who named the need. A secret: never shown. */
  readonly answer?: KeptAnswer | 'not kept'
  /** Why it was refused, is unknown, or was closed. */
  readonly reason?: string
}

/** An answer that is given again. */
export type KeptAnswer = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Base64. */
  readonly body: string
}

/** Reads a journal entry as it stands in a store. */
export function readAttempt(value: Json, key: string): Attempt {
  if (!isObject(value) || value.v !== 1) throw unreadable(key)
  const { header, evidence, amount, state, answer } = value
  const isWhole =
    TEXTS.every((field) => typeof value[field] === 'string') &&
    TIMES.every((field) => typeof value[field] === 'number') &&
    typeof amount === 'string' &&
    /^\d+$/.test(amount) &&
    STATES.has(state) &&
    (header === undefined || (isObject(header) && isText(header.name) && isText(header.value))) &&
    (evidence === undefined || (isObject(evidence) && Object.values(evidence).every(isText))) &&
    [value.expiresAt, value.signedAt].every((at) => at === undefined || typeof at === 'number') &&
    [value.resource, value.request, value.need].every(
      (text) => text === undefined || isText(text),
    ) &&
    (answer === undefined || answer === 'not kept' || isAnswer(answer))
  if (!isWhole) throw unreadable(key)
  return value as unknown as Attempt // every field it is used by was checked above
}

const TEXTS = ['id', 'origin', 'from', 'network', 'payTo', 'worker']
const TIMES = ['createdAt', 'changedAt', 'beat', 'lease']
const STATES = new Set<Json | undefined>([
  'intended',
  'signed',
  'refused',
  'unknown',
  'settled',
  'abandoned',
  'dead',
  'writtenOff',
])
const isText = (value: Json | undefined) => typeof value === 'string'

function isAnswer(value: Json): boolean {
  if (!isObject(value) || typeof value.status !== 'number' || !isText(value.body)) return false
  const { headers } = value
  return (
    Array.isArray(headers) && headers.every((pair) => Array.isArray(pair) && pair.every(isText))
  )
}
