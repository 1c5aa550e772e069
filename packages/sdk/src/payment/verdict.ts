import { quote, redact } from '../redact'
import type { Attempt } from './Attempt'
import { decodeReceipt, type Receipt } from './receipt'
import { decodeHeader } from './requirements'
import { sameAddress } from './sameAddress'

/** What an answer to a paid request says of the payment. */
export type Verdict =
  | { readonly kind: 'settled'; readonly receipt: Receipt | undefined }
  | { readonly kind: 'refused' | 'unknown'; readonly reason: string }

/** Codes that say a payment was, or is being, settled: by whom and for what is not known. */
const USED = /already|used|duplicate|replay|pending|in_progress|settle/
/** Codes that say it can not have been. Prose, such as "insufficient credits", says nothing. */
const UNFIT =
  /^[a-z0-9_]*(insufficient_(funds|balance)|invalid|mismatch|unsupported|expired)[a-z0-9_]*$/

const CODE = /^[\w.:-]{1,64}$/

/**
 * Reads the answer to a request that carried `attempt`. Pure: the table of the payment engine.
 * Whatever does not clearly settle or refuse it leaves the outcome unknown. `secrets` are kept out of
 * the reason.
 */
export function verdictOf(
  response: Response,
  attempt: Attempt,
  secrets: readonly string[] = [],
): Verdict {
  const receipt = decodeReceipt(response.headers)
  if (receipt?.success && isOurs(receipt, attempt)) return { kind: 'settled', receipt }
  if (response.ok) return { kind: 'settled', receipt: undefined }
  if (response.status !== 402) return { kind: 'unknown', reason: `status ${response.status}` }
  const reason = receipt?.success === false ? receipt.errorReason : reasonIn(response)
  if (!reason) return { kind: 'unknown', reason: '402 again' }
  const clean = redact(reason, secrets)
  if (!CODE.test(clean)) return { kind: 'unknown', reason: quote(clean) }
  return { kind: UNFIT.test(clean) && !USED.test(clean) ? 'refused' : 'unknown', reason: clean }
}

// A receipt for another payer or network is not about this payment, whatever it claims.
function isOurs(receipt: Receipt, attempt: Attempt): boolean {
  const { payer, network } = receipt
  if (payer && sameAddress(payer) !== sameAddress(attempt.from)) return false
  return !network.includes(':') || network === attempt.network
}

function reasonIn(response: Response): string | undefined {
  try {
    return decodeHeader(response.headers)?.error
  } catch {
    return undefined // A 402 that cannot be read gives no reason.
  }
}
