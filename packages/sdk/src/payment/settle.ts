import type { Exchange, Token } from '../exchange'
import { carry } from '../exchange'
import type { Attempt } from './Attempt'
import { deliver } from './deliver'
import { reasonOf } from './failures'
import { type Account, factsOf, type Payer, type Payment } from './Payer'
import type { Receipt } from './receipt'

/** How a settlement became known, and what came with it. */
export type Settlement = {
  readonly settledBy: NonNullable<Attempt['settledBy']>
  readonly receipt?: Receipt | undefined
  /** Whether a 2xx answer has begun to come for it. */
  readonly served: 'yes' | 'no'
}

/** What may be abandoned: a signed one only by the call that signed it and knows it never left. */
const UNSENT = { intended: ['intended'], signed: ['intended', 'signed'] } as const
/** Why an attempt is dead. */
export const NEVER_USED = 'never used, and expired'
const OPEN = ['signed', 'unknown', 'refused', 'settled'] as const

/** Books a settlement: journal, budget, and the token that came with it. */
export async function settle(
  payer: Payer,
  account: Account,
  attempt: Attempt,
  settlement: Settlement,
): Promise<Attempt> {
  const { receipt, settledBy, served } = settlement
  // First of all: it may be the only way to the credit, and the store may fail from here on.
  const session = payer.sessions.activate(account.wallet.address)
  if (receipt?.jwt !== undefined) await session.adopt(receipt.jwt)
  const settled = await account.journal.advance(attempt, OPEN, {
    state: 'settled',
    settledBy: attempt.settledBy === 'receipt' ? 'receipt' : settledBy,
    served: attempt.served === true || served === 'yes',
    ...(receipt?.transaction && { transaction: receipt.transaction }),
  })
  await account.budget.commit(attempt.id)
  payer.emit({
    type: 'payment-settled',
    ...factsOf(settled),
    transaction: settled.transaction ?? '',
  })
  return settled
}

/** Ends an attempt whose reservation may be freed: never sent, or provably dead. */
export async function release(
  payer: Payer,
  { journal, budget }: Account,
  attempt: Attempt,
  state: 'abandoned' | 'dead',
  reason: string,
): Promise<void> {
  // The state is written first: whoever finds it there finishes what a crash left undone.
  const from = state === 'dead' ? OPEN : UNSENT[attempt.state === 'signed' ? 'signed' : 'intended']
  const ended = await journal.advance(attempt, [...from, state], { state, reason })
  await budget.release(attempt.id)
  const closed = await journal.close(ended, {})
  payer.emit({ type: 'payment-closed', ...factsOf(closed), state })
}

/** Frees the need of an attempt whose money is counted as spent. */
export async function conclude(
  payer: Payer,
  { journal, budget, met }: Account,
  attempt: Attempt,
  change: Partial<Attempt> = {},
): Promise<void> {
  // A person's word is written first: should the chain say otherwise later, it must not be half undone.
  const isWord = change.state === 'writtenOff' && attempt.state !== 'intended'
  const ended = isWord ? await journal.advance(attempt, OPEN, change) : attempt
  await budget.commit(attempt.id)
  const closed = await journal.close(ended, change)
  if (closed.state === 'settled') {
    met.payments++
    met.turn = payer.sent.count
  }
  payer.emit({ type: 'payment-closed', ...factsOf(closed), state: closed.state })
}

/**
 * Carries through an end that was written down and that a crash left half done, and gives up what was
 * never signed. False where the attempt is open still.
 */
export async function finish(payer: Payer, account: Account, attempt: Attempt): Promise<boolean> {
  switch (attempt.state) {
    case 'intended':
    case 'abandoned':
      await release(payer, account, attempt, 'abandoned', 'its worker has gone')
      return true
    case 'dead':
      await release(payer, account, attempt, 'dead', NEVER_USED)
      return true
    case 'writtenOff':
      await conclude(payer, account, attempt)
      return true
    default:
      return false
  }
}

/** The caller's answer, and with its end the need freed: the money is counted as spent. */
export async function hand(payment: Omit<Payment, 'next'>, response: Response): Promise<Response> {
  const { payer, account, attempt } = payment
  if (payer.need) return payer.need.hand(payment, response)
  return deliver(response, () =>
    conclude(payer, account, attempt).catch((error) => unbooked(payer, attempt, error)),
  )
}

/** Tells that an answer could not be booked. The open payment is taken up by the next need. */
export function unbooked({ emit }: Payer, attempt: Attempt, error: unknown): void {
  emit({ type: 'payment-unbooked', ...factsOf(attempt), reason: reasonOf(error) })
}

/** Puts the token of the wallet at `address` on the exchange: the one at hand, or one signed in for. */
export async function carryToken(
  payer: Payer,
  address: string,
  exchange: Exchange,
): Promise<Token | undefined> {
  const session = payer.sessions.activate(address)
  const token = (await session.newest()) ?? (await signedIn(payer, exchange))
  carry(exchange, token)
  return token
}

async function signedIn(payer: Payer, exchange: Exchange): Promise<Token | undefined> {
  if (payer.signIn === 'never') return undefined
  try {
    return await payer.sessions.active().signIn(exchange.signal)
  } catch (error) {
    if (exchange.signal?.aborted) throw error
    return undefined // Credit cannot be asked for: what follows does without.
  }
}
