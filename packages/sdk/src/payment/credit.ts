import { readText } from '../body'
import type { Send } from '../compose'
import { parseObject } from '../encoding'
import { ARouterError } from '../errors'
import { carry, createExchange, type Exchange } from '../exchange'
import type { Payer } from './Payer'

const TIMEOUT_MS = 30_000
const MOST_BYTES = 64 * 1024
/** The cheapest thing there is to buy: what counts is the credit that the payment leaves. */
const CHEAPEST = '/v1/x402/chat?model=auto&message=ok&max_tokens=1'

/**
 * Whether the gateway says that less than `mark` is left (`GET /api/v1/balance`, in dollars).
 * @throws ARouterError `balance_unknown`.
 */
export async function isCreditBelow(payer: Payer, next: Send, mark: bigint): Promise<boolean> {
  const token = await payer.sessions.active().newest()
  if (!token) return false
  const exchange = await createExchange(payer.base, '/api/v1/balance', undefined, TIMEOUT_MS)
  carry(exchange, token)
  const response = await next(exchange)
  const text = await readText(response, payer.runtime, { idle: TIMEOUT_MS, most: MOST_BYTES })
  const { balance } = (response.ok && parseObject(text)) || {}
  if (typeof balance === 'number') return balance < Number(mark) / 1e6
  throw new ARouterError(
    response.status,
    'balance_unknown',
    'The gateway does not say how much credit is left. Funds moved: no. Leave topUpBelow out: a 402 will ask.',
  )
}

/** A request that has nothing on it, and so is asked to pay whatever credit there is. */
export function bareRequest({ base }: Payer): Promise<Exchange> {
  return createExchange(base, CHEAPEST, undefined, TIMEOUT_MS)
}
