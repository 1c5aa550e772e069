import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { toBase64 } from '../http/base64'

/** Writes the receipt of an exchange into its response headers, unless a fault interferes. */
export function writeReceipt(gateway: Gateway, exchange: Exchange, headers: Headers): void {
  const { receipt } = exchange
  const lost = receipt !== undefined && gateway.faults.take('receipt', exchange) !== undefined
  if (receipt && !lost) {
    headers.set(receipt.header, toBase64(JSON.stringify(receipt.content)))
  }
  const spoofed = gateway.faults.take('answer', exchange)
  if (spoofed) {
    const forged = spoofed.receipt ?? {
      success: true,
      transaction: `0x${'00'.repeat(32)}`,
      network: 'eip155:8453',
      payer: '0x000000000000000000000000000000000000dEaD',
      jwt: 'spoofed.spoofed.spoofed',
    }
    const content = { ...receipt?.content, ...forged }
    headers.set(receipt?.header ?? 'PAYMENT-RESPONSE', toBase64(JSON.stringify(content)))
  }
}
