import { isObject, parseHeader } from '../encoding'
import { loadPart } from '../loadPart'
import type { Attempt } from '../payment/Attempt'
import { reasonOf } from '../payment/failures'
import { factsOf, type Payer } from '../payment/Payer'
import type { PaymentRequired } from '../payment/requirements'
import type { SignedStatement } from '../payment/SignedStatement'

/** x402 extension `offer-receipt`. */
const EXTENSION = 'offer-receipt'
const load = () => loadPart(() => import('./signed/judge'))

type Place = Pick<Payer, 'base' | 'runtime' | 'clock'>

/** Terms, held against the offers that their seller has signed, where it has. */
export async function heldToSignedOffers(
  required: PaymentRequired,
  place: Place,
): Promise<PaymentRequired> {
  const { offers } = infoIn(required.extensions)
  if (!Array.isArray(offers)) return required
  const { judgeTerms } = await load()
  return judgeTerms(required, offers, contextOf(place))
}

/**
 * The receipt that a seller has signed for `attempt`, for its entry in the journal. One that is not to
 * be relied on is told, and left out. Never rejects.
 */
export async function signedReceipt(
  payer: Payer,
  attempt: Attempt,
  { headers }: Response,
): Promise<Pick<Attempt, 'signedReceipt'>> {
  const { receipt } = infoIn(parseHeader(headers.get('payment-response'))?.extensions)
  if (receipt === undefined) return {}
  const judged = await load()
    .then(({ judgeReceipt }) => judgeReceipt(receipt, attempt, contextOf(payer)))
    .catch(reasonOf)
  if (typeof judged !== 'string') return { signedReceipt: judged }
  payer.emit({ type: 'receipt-unverified', ...factsOf(attempt), reason: judged })
  return {}
}

/** What a seller has signed, as it stands in a journal; undefined where that is not its form. */
export function readSigned(value: unknown): SignedStatement | undefined {
  if (!isObject(value) || typeof value.signer !== 'string') return undefined
  const { signer, vouchedBy, statement } = value
  const isVouched = vouchedBy === 'origin' || vouchedBy === 'payTo' || vouchedBy === 'nobody'
  return isVouched && isObject(statement) ? { signer, vouchedBy, statement } : undefined
}

function infoIn(extensions: unknown) {
  const extension = isObject(extensions) ? extensions[EXTENSION] : undefined
  return isObject(extension) && isObject(extension.info) ? extension.info : {}
}

function contextOf({ base, runtime, clock }: Place) {
  return { origin: base.origin, runtime, now: clock.now(), documents: new Map() }
}
