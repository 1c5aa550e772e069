import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { Answered } from '../http/Answered'
import { textResponse } from '../http/textResponse'
import { buildChallenge } from './challenge'

/** The 402 that ends an exchange, with the gateway's terms and the reason. */
export function refuse(gateway: Gateway, exchange: Exchange, reason: string): Answered {
  const { config, terms, faults } = gateway
  const challenge = buildChallenge(config.challenge, {
    offers: terms.offers(),
    url: exchange.url.href,
    reason,
    signIn: config.siwx.extension === 'on' ? gateway.desk.offer(exchange.url) : undefined,
  })
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
