import type { Send } from '../compose'
import { retell } from '../errors'
import { abortable, discard, type Exchange } from '../exchange'
import { forgotten } from './failures'
import { hearing, withAnswer } from './hearing'
import { lead } from './lead'
import { type Outcome, outcomeOf } from './outcome'
import type { Payer } from './Payer'
import { readTerms } from './readTerms'
import type { PaymentRequired } from './requirements'

/** The calls of one process that want the same thing at the same time: one pays, and all get what it bought. */
export type Crowd = { members: number; flight?: Promise<Outcome> | undefined; bought?: Response }

/** The crowds of one process. A call that comes once a thing was bought wants another one. */
export type Crowds = <T>(id: string, act: (crowd: Crowd) => Promise<T>) => Promise<T>

export function createCrowds(): Crowds {
  const crowds = new Map<string, Crowd>()
  return async (id, act) => {
    const standing = crowds.get(id)
    const crowd = standing && !standing.bought ? standing : { members: 0 }
    crowds.set(id, crowd)
    crowd.members++
    try {
      return await act(crowd)
    } finally {
      crowd.members--
      if (crowd.members === 0) {
        if (crowd.bought) discard(crowd.bought)
        if (crowds.get(id) === crowd) crowds.delete(id)
      }
    }
  }
}

/**
 * Answers one request at a seller of single things: with what was bought for it before, as it is where
 * nothing is asked for it, or with what one payment buys.
 * Terms are paid as `judge` leaves them.
 * @throws as `lead` does, with the seller's own answer: the need stays held wherever money may have moved.
 */
export async function purchase(
  payer: Payer,
  exchange: Exchange,
  next: Send,
  crowd: Crowd,
  judge: (required: PaymentRequired) => Promise<PaymentRequired>,
): Promise<Response> {
  const heard = hearing(next, payer.runtime)
  const meet = (required: PaymentRequired | undefined) =>
    oneAtATime(crowd, exchange, () =>
      lead(payer, exchange, heard, required).catch((error) => {
        throw withAnswer(error, exchange)
      }),
    )
  for (;;) {
    // A payment that was begun for this request comes before anything else.
    const stood = await meet(undefined)
    if (typeof stood !== 'string') return stood
    if (stood === 'met elsewhere' && payer.need?.answer === 'kept') continue
    const met = await payer.need?.metBy(payer)
    if (met !== undefined) throw forgotten(met)
    const response = await heard(exchange)
    if (response.status !== 402) return response
    exchange.refusedAt = payer.runtime.now()
    payer.clock.learn(response.headers)
    const { required, unpaid } = await readTerms(response, exchange, payer.runtime)
    if (!required) return unpaid
    const paid = await meet(await judge(required))
    if (typeof paid !== 'string') return paid
  }
}

/** Runs `act` alone in its crowd, unless what it would buy was bought meanwhile. */
async function oneAtATime<T extends string>(
  crowd: Crowd,
  { signal }: Exchange,
  act: () => Promise<Response | T>,
): Promise<Response | T> {
  while (crowd.flight) {
    const outcome = await abortable(crowd.flight, signal)
    if (outcome.kind === 'concluded' || outcome.kind === 'paid') throw retell(outcome.error)
  }
  if (crowd.bought) return crowd.bought.clone()
  const work = act().then((answer) => {
    if (typeof answer === 'string' || crowd.members === 1) return answer
    crowd.bought = answer
    return answer.clone()
  })
  crowd.flight = work.then(() => ({ kind: 'met' }) as const, outcomeOf)
  try {
    return await work
  } finally {
    crowd.flight = undefined
  }
}
