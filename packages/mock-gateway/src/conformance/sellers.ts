import type { Outcome } from './ask'
import { ask, isServed, tell } from './ask'
import type { Json } from './offers'
import { base64 } from './offers'
import { payments } from './oracles'
import { isSignIn } from './shop'
import type { Reply, Seen, Site } from './site'
import type { Stage } from './stage'
import { paymentHeader } from './till'

/** How a seller of single things answers. */
export interface Seller {
  /** The answer to a request without payment. */
  readonly ask: (seen: Seen) => Reply | Promise<Reply>
  /** The answer to the first, the second, … payment, given a settlement of it where one is asked for. */
  readonly paid: (nth: number, take: () => Promise<Json>, seen: Seen) => Reply | Promise<Reply>
}

/** A seller by hand, whose payments are settled only where its answer asks for that. */
export function openSeller(stage: Stage, seller: Seller): Promise<Site> {
  let presented = 0
  return stage.serve((seen) => {
    if (isSignIn(seen)) return undefined
    if (!paymentHeader(seen.headers)) return seller.ask(seen)
    presented += 1
    return seller.paid(presented, () => stage.till.take(seen.headers), seen)
  })
}

/** A JSON answer. */
export function json(status: number, body: Json, headers: Readonly<Record<string, string>> = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** The header of a receipt, without the token that the till gives. */
export function told({ jwt: _, ...receipt }: Json, name = 'payment-response') {
  return { [name]: base64(receipt) }
}

/** Asks for the same thing until it is had, at most three times; the last outcome. */
export async function tryThrice(stage: Stage, url: string, init: RequestInit): Promise<Outcome> {
  const fetch = await stage.payer(new URL(url).origin)
  let outcome = await ask(fetch, url, init)
  for (let tries = 1; tries < 3 && !isHad(outcome); tries += 1)
    outcome = await ask(fetch, url, init)
  return outcome
}

/** Fails where a thing did not come whole, with `text` in it, for one payment. */
export function hadOnce(stage: Stage, outcome: Outcome, text: string): string | undefined {
  if (!isHad(outcome) || !('text' in outcome) || !outcome.text.includes(text)) return tell(outcome)
  const { length } = payments(stage)
  return length === 1 ? undefined : `signed ${length} payments`
}

function isHad(outcome: Outcome): boolean {
  return isServed(outcome) || ('status' in outcome && outcome.status === 201)
}
