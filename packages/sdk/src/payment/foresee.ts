import { stripKeys } from '../credentials'
import { AuthenticationError, isARouterError } from '../errors'
import { carry, createExchange, discard, type Exchange, transport } from '../exchange'
import { budgetExceeded } from './budget'
import { askBalance, CHEAPEST, TIMEOUT_MS } from './credit'
import { fromDollars } from './fromDollars'
import { chooseFrom } from './lead'
import type { Payer } from './Payer'
import { pathOf } from './pathOf'
import type { PaymentIntent } from './policy'
import { readTerms } from './readTerms'
import type { PaymentRequired } from './requirements'

/**
 * The credit of the wallet in use, in atomic units; undefined where the gateway does not tell, or
 * where a person would have to be asked to sign in.
 */
export async function foreseeCredit(payer: Payer): Promise<bigint | undefined> {
  const session = payer.sessions.active()
  const send = transport(payer.runtime)
  const standing = await session.newest()
  const known = standing && (await askBalance(payer, send, standing)).balance
  if (known !== undefined) return fromDollars(known)
  const asksAPerson = payer.accounts.some(({ wallet }) => wallet.interactive)
  if (asksAPerson || payer.signIn === 'never') return undefined
  try {
    const { balance } = await askBalance(payer, send, await session.signIn(undefined))
    return balance === undefined ? undefined : fromDollars(balance)
  } catch (error) {
    if (isARouterError(error, 'sign_in_unavailable')) return undefined
    if (error instanceof AuthenticationError) return 0n // A wallet that the gateway does not know yet.
    throw error
  }
}

/**
 * What would be paid for a request, by its 402: the request is sent with nothing on it that could pay
 * for it, and nothing is signed. Undefined where it is not to be paid for.
 * @throws PaymentPolicyError where nothing that is asked for may be paid.
 */
export async function foreseePayment(
  payer: Payer,
  input: string | URL | Request = CHEAPEST,
  init?: RequestInit,
): Promise<PaymentIntent | undefined> {
  const { base, runtime, clock } = payer
  const exchange = await createExchange(base, input, init, TIMEOUT_MS)
  stripKeys(exchange)
  carry(exchange, undefined)
  const response = await transport(runtime)(exchange)
  if (response.status !== 402) {
    discard(response)
    return undefined
  }
  clock.learn(response.headers)
  const { required } = await readTerms(response, exchange, runtime)
  return required && intentOf(payer, required, exchange)
}

/**
 * What would be paid of what is asked for.
 * @throws PaymentPolicyError where nothing may be paid.
 */
export async function intentOf(
  payer: Payer,
  required: PaymentRequired,
  exchange: Exchange,
): Promise<PaymentIntent> {
  const { base } = payer
  const { account, offer } = await chooseFrom(payer, required, exchange)
  const { network, amount, payTo } = offer
  const { here, ...all } = await account.budget.status()
  for (const { remaining, limit } of here ? [here, all] : [all]) {
    if (amount > remaining) throw budgetExceeded(amount, remaining, limit)
  }
  const { address: from } = account.wallet
  return { origin: base.origin, path: pathOf(exchange, base), network, amount, payTo, from }
}
