import { readText } from '../body'
import type { Send } from '../compose'
import { parseObject } from '../encoding'
import { ARouterError } from '../errors'
import { carry, createExchange, type Exchange, type Token } from '../exchange'
import type { Payer } from './Payer'

/** Milliseconds to the first byte of what is asked beside the calls of the user. */
export const TIMEOUT_MS = 30_000
const MOST_BYTES = 64 * 1024
/** The cheapest thing there is to buy: what counts is the credit that the payment leaves. */
export const CHEAPEST = '/v1/x402/chat?model=auto&message=ok&max_tokens=1'

/**
 * Whether the gateway says that less than `mark` is left.
 * @throws ARouterError `balance_unknown`.
 */
export async function isCreditBelow(payer: Payer, next: Send, mark: bigint): Promise<boolean> {
  const token = await payer.sessions.active().newest()
  if (!token) return false
  const { status, balance } = await askBalance(payer, next, token)
  if (balance !== undefined) return balance < Number(mark) / 1e6
  throw new ARouterError(
    status,
    'balance_unknown',
    'The gateway does not say how much credit is left. Funds moved: no. Leave topUpBelow out: a 402 will ask.',
  )
}

/** `GET /api/v1/balance`: what is left, in dollars, if the gateway says so. */
export async function askBalance({ base, runtime }: Payer, next: Send, token: Token) {
  const exchange = await createExchange(base, '/api/v1/balance', undefined, TIMEOUT_MS)
  carry(exchange, token)
  const response = await next(exchange)
  const text = await readText(response, runtime, { idle: TIMEOUT_MS, most: MOST_BYTES })
  const { balance } = (response.ok && parseObject(text)) || {}
  return { status: response.status, balance: typeof balance === 'number' ? balance : undefined }
}

/** A request that has nothing on it, and so is asked to pay whatever credit there is. */
export function bareRequest({ base }: Payer): Promise<Exchange> {
  return createExchange(base, CHEAPEST, undefined, TIMEOUT_MS)
}
