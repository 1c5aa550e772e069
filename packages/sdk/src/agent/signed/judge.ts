import type { Attempt } from '../../payment/Attempt'
import { formatMoney } from '../../payment/formatMoney'
import type { Offer, PaymentRequired } from '../../payment/requirements'
import type { SignedStatement } from '../../payment/SignedStatement'
import { sameAddress } from '../../payment/sameAddress'
import { isOfOrigin, type KeySource } from './publicKey'
import { readStatement, type Statement, signerOf } from './signerOf'

/** Where and when statements are judged: `now` is in Unix seconds by the seller's clock. */
export type Judgement = KeySource & { readonly now: number }

const MOST_STATEMENTS = 16
/** Seconds that a receipt may be older than the payment it is for, or newer than now. */
const CLOCKS_S = 600

/**
 * The terms of a seller that signs its offers: only what it signed is left to be paid, with what it
 * signed; of the rest it is said why not. A signature whose key cannot be had counts for nothing, and what
 * it is under counts still.
 */
export async function judgeTerms(
  required: PaymentRequired,
  given: readonly unknown[],
  context: Judgement,
): Promise<PaymentRequired> {
  const read = given.slice(0, MOST_STATEMENTS).map(readStatement)
  const statements = read.filter((statement) => statement !== undefined)
  if (statements.length === 0) return required
  const judged = await Promise.all(
    required.offers.map((offer) => judgeOffer(offer, statements, required, context)),
  )
  return {
    ...required,
    offers: judged.filter((offer) => typeof offer !== 'string'),
    malformed: [...required.malformed, ...judged.filter((offer) => typeof offer === 'string')],
  }
}

async function judgeOffer(
  offer: Offer,
  statements: readonly Statement[],
  { resource }: PaymentRequired,
  context: Judgement,
): Promise<Offer | string> {
  const refuse = (why: string) => `${formatMoney(offer.amount)}: ${why}`
  const same = statements.filter(({ claims }) => isSame(claims, offer))
  if (same.length === 0) return refuse('its seller has signed other offers, and not this one')
  const live = same.filter(
    ({ claims: { validUntil } }) => !validUntil || Number(validUntil) > context.now,
  )
  if (live.length === 0) return refuse('what its seller has signed for it has expired')
  const [here] = live.filter(({ claims: { resourceUrl } }) =>
    typeof resource?.url === 'string'
      ? resourceUrl === resource.url
      : isAt(resourceUrl, context.origin),
  )
  if (!here) return refuse('what its seller has signed for it is for another resource')
  const signer = await signerOf(here, 'offer', context)
  if (signer === false) return refuse('the signature on its signed offer is false')
  return signer === undefined
    ? offer
    : { ...offer, signed: vouched(here, signer, offer.payTo, context) }
}

function isSame(claims: Statement['claims'], { scheme, network, asset, payTo, amount }: Offer) {
  return (
    claims.scheme === scheme &&
    claims.network === network &&
    sameAddress(String(claims.asset)) === sameAddress(asset) &&
    sameAddress(String(claims.payTo)) === sameAddress(payTo) &&
    claims.amount === amount.toString()
  )
}

/**
 * The receipt that a seller signed for `attempt`, or why it is not to be relied on. A key that nobody
 * vouches for must be the one that signed the offer.
 */
export async function judgeReceipt(
  given: unknown,
  attempt: Attempt,
  context: Judgement,
): Promise<SignedStatement | string> {
  const statement = readStatement(given)
  if (!statement) return 'it cannot be read'
  const { network, resourceUrl, payer, issuedAt, transaction } = statement.claims
  if (network !== attempt.network) return 'it is for another network'
  if (sameAddress(String(payer)) !== sameAddress(attempt.from)) return 'it is for another payer'
  if (!isAt(resourceUrl, attempt.origin)) return 'it is for another resource'
  const isStale = attempt.signedAt !== undefined && Number(issuedAt) < attempt.signedAt - CLOCKS_S
  if (typeof issuedAt !== 'number' || isStale || issuedAt > context.now + CLOCKS_S)
    return 'it is of another time'
  const settled = attempt.transaction
  if (transaction && settled && transaction !== settled) return 'it is for another transaction'
  const signer = await signerOf(statement, 'receipt', context)
  if (signer === undefined) return 'its key cannot be had'
  if (signer === false) return 'its signature is false'
  const receipt = vouched(statement, signer, attempt.payTo, context)
  const isKnown = receipt.vouchedBy !== 'nobody' || attempt.signedOffer?.signer === signer
  return isKnown ? receipt : 'nobody vouches for its key'
}

function vouched(
  { statement }: Statement,
  signer: string,
  payTo: string,
  { origin }: Judgement,
): SignedStatement {
  if (isOfOrigin(signer, origin)) return { signer, vouchedBy: 'origin', statement }
  const isPayee = sameAddress(signer) === sameAddress(payTo)
  return { signer, vouchedBy: isPayee ? 'payTo' : 'nobody', statement }
}

function isAt(url: unknown, origin: string): boolean {
  return typeof url === 'string' && URL.canParse(url) && new URL(url).origin === origin
}
