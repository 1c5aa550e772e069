import { parseHeader } from '../encoding'

/** `PAYMENT-RESPONSE`, decoded. A claim by the gateway. */
export type Receipt = {
  readonly success: boolean
  readonly transaction: string
  readonly network: string
  readonly payer?: string | undefined
  readonly errorReason?: string | undefined
  /** ARouter's addition: a token that spends what was bought. Not yet checked. */
  readonly jwt?: unknown
}

/** A hash in hex, or a Solana signature in base58: it is shown, so it must not be anything. */
const TRANSACTION = /^(0x)?[0-9A-Za-z]{1,88}$/

/**
 * Decodes `PAYMENT-RESPONSE` (v2) or `X-PAYMENT-RESPONSE` (v1). A receipt that is missing or
 * malformed is no receipt: undefined.
 */
export function decodeReceipt(headers: Headers): Receipt | undefined {
  const header = headers.get('payment-response') ?? headers.get('x-payment-response')
  const value = parseHeader(header)
  if (typeof value?.success !== 'boolean') return undefined
  const { success, transaction, network, payer, errorReason, jwt } = value
  // No coercion: a payer that is no text is another payer.
  if (![transaction, network, payer, errorReason].every(isText)) return undefined
  return {
    success,
    transaction: TRANSACTION.test(text(transaction) ?? '') ? String(transaction) : '',
    network: text(network) ?? '',
    payer: text(payer),
    errorReason: text(errorReason),
    jwt,
  }
}

const isText = (value: unknown) => typeof (value ?? '') === 'string'

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
