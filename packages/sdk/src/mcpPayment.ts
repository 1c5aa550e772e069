import { isObject, type JsonObject } from './encoding'

/** Where a call of a tool has its payment, and a result its receipt, in `_meta` (x402 v2, MCP transport). */
export const PAYMENT = 'x402/payment'
const RECEIPT = 'x402/payment-response'

/** What the result of a tool says, in words. */
export function wordsOf({ content }: JsonObject): string {
  const [said] = Array.isArray(content) ? content.filter(isObject) : []
  return String(said?.text ?? '')
}

/** The receipt in the result of a tool. */
export function receiptIn({ _meta }: JsonObject): unknown {
  return isObject(_meta) ? _meta[RECEIPT] : undefined
}
