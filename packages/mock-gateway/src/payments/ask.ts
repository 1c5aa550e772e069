import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { Answered } from '../http/Answered'
import { textResponse } from '../http/textResponse'
import type { Challenge } from './challenge'

/** The 402 that ends an exchange with a challenge, unless a fault spoils it. */
export function ask({ faults }: Gateway, exchange: Exchange, challenge: Challenge): Answered {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  const fault = faults.take('challenge', exchange)
  if (fault?.kind === 'bad-challenge') {
    const header = fault.header ?? '%%% not base64 %%%'
    return new Answered(
      new Response(fault.body ?? challenge.body, {
        status: 402,
        headers: header === '' ? headers : { ...headers, 'PAYMENT-REQUIRED': header },
      }),
    )
  }
  const init = { status: 402, headers: { ...headers, ...challenge.headers } }
  const isEndless = fault?.kind === 'endless-402-body'
  return new Answered(
    isEndless ? new Response(endless(), init) : textResponse(challenge.body, init),
  )
}

function endless(): ReadableStream<Uint8Array> {
  const chunk = new TextEncoder().encode(`{"padding":"${'x'.repeat(1000)}",`)
  return new ReadableStream({
    pull: async (controller) => {
      // A turn of the event loop between chunks leaves room for the reader to walk away.
      await new Promise((resolve) => setImmediate(resolve))
      controller.enqueue(chunk)
    },
  })
}
