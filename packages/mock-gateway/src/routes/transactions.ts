import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { toNumber } from '../money'
import { principalOf } from '../tenants/authenticate'
import type { LedgerEntry } from '../tenants/ledger'
import { pageOf } from './page'

const DESCRIPTIONS = {
  x402_topup: 'USDC top-up by x402',
  stripe_topup: 'Card top-up by Stripe',
  helio_topup: 'Crypto top-up by Helio',
  inference: 'Inference',
  grant: 'Granted credit',
  adjustment: 'Adjustment',
} as const satisfies Record<LedgerEntry['referenceType'], string>

/** `GET /api/v1/transactions`: the sender's ledger, newest first. */
export async function transactions(gateway: Gateway, exchange: Exchange): Promise<Response> {
  const { tenant } = await principalOf(gateway, exchange)
  gateway.cashier.collectLate()
  const entries = gateway.tenants.ledger().filter((entry) => entry.tenant === tenant.id)
  const page = pageOf([...entries].reverse(), exchange.url.searchParams, 'limit')
  return Response.json({
    transactions: page.map(({ id, type, amount, referenceType, reference, at }) => ({
      id,
      type,
      amount: toNumber(type === 'credit' ? amount : -amount),
      description: DESCRIPTIONS[referenceType],
      reference_type: referenceType,
      reference,
      created_at: new Date(at).toISOString(),
    })),
  })
}
