import { ARouterError, PaidButFailedError } from '../errors'
import type { RequestNeed } from '../exchange'
import type { Attempt, KeptAnswer } from './Attempt'
import { answerAgain, handOver } from './handOver'
import { contextOf, type Need, type Payer } from './Payer'
import { conclude, unbooked } from './settle'

/** The receipt that came with an answer, for the journal. */
type ReadReceipt = (
  payer: Payer,
  attempt: Attempt,
  response: Response,
) => Promise<Pick<Attempt, 'signedReceipt'>>

/**
 * A need of one request. Its answer ends it; one that its caller named stays, with the answer.
 * `readReceipt` never rejects.
 */
export function singleNeed(need: RequestNeed, readReceipt: ReadReceipt): Need {
  const { resource, request, id } = need
  let before: readonly string[] | undefined
  return {
    ...need,
    note: ({ signed }) => ({ resource, request, need: id, ...(signed && { signedOffer: signed }) }),
    metBy: async ({ accounts }) => {
      if (need.answer !== 'kept') return undefined
      const closed = await Promise.all(accounts.map(({ journal }) => journal.closed()))
      const bought = closed
        .flat()
        .filter((attempt) => attempt.need === id && attempt.state === 'settled')
        .map((attempt) => attempt.id)
      before ??= bought
      const known = before
      return bought.find((each) => !known.includes(each))
    },
    answered: (open) => {
      const { answer, request, id } = open
      if (request !== need.request) throw reused(id, need.resource)
      if (answer !== 'not kept') return answer && answerAgain(answer)
      throw new PaidButFailedError(
        0,
        'This was paid for and its answer handed over, which was too large to be kept. Nothing was sent. Funds moved: yes. Use another idempotencyKey to buy it again.',
        { context: contextOf(open) },
      )
    },
    hand: ({ payer, account, exchange, attempt }, response) => {
      const received = readReceipt(payer, attempt, response)
      const keep = async (answer: KeptAnswer | 'not kept') =>
        account.journal.advance(attempt, ['settled'], { lease: 0, answer, ...(await received) })
      return handOver(payer.runtime, exchange, response, async (answer) => {
        try {
          if (need.answer === 'kept') await keep(answer ?? 'not kept')
          else await conclude(payer, account, attempt, await received)
        } catch (error) {
          unbooked(payer, attempt, error)
        }
      })
    },
  }
}

function reused(attempt: string, resource: string): ARouterError {
  return new ARouterError(
    0,
    'idempotency_key_reused',
    'This idempotencyKey names another request, which was paid for. Nothing was sent. Funds moved: no, not by this call. Use a key of its own for each order.',
    { context: { attempt, resource } },
  )
}
