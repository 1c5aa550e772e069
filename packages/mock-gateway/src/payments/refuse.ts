import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { Answered } from '../http/Answered'
import { errorBody } from '../http/errorResponse'
import { ask } from './ask'
import { buildChallenge } from './challenge'

/** The 402 that ends an exchange, with the gateway's terms and the reason. */
export function refuse(gateway: Gateway, exchange: Exchange, reason: string): Answered {
  const { config, desk } = gateway
  const isSignInOffered = config.siwx.extension === 'on'
  const terms = {
    offers: gateway.terms.offers(),
    resource: {
      url: exchange.url.href,
      description: 'ARouter credit',
      mimeType: 'application/json',
    },
    reason,
    extensions: isSignInOffered ? { 'sign-in-with-x': desk.offer(exchange.url) } : undefined,
  }
  const body = errorBody('payment_required', reason)
  return ask(gateway, exchange, buildChallenge(config.challenge, terms, body))
}
