import type { GatewayClock } from '../clock'
import type { Interceptor, Send } from '../compose'
import { AuthenticationError, isARouterError } from '../errors'
import { carry, discard, type Exchange, type Token } from '../exchange'
import type { Sessions } from '../session/Sessions'

export type SessionLayerParameters = {
  readonly sessions: Sessions
  readonly clock: GatewayClock
  /** Whether to sign in before a first request, so that credit already bought is used: by whose wallet is in use then. */
  readonly signInFirst: () => Promise<boolean>
  readonly signIn: 'auto' | 'never'
}

/**
 * Owns `Authorization`: the token of (origin, wallet) on every request; on 401 a newer token if
 * there is one, else one sign-in for all callers, and the request once more.
 */
export function session(parameters: SessionLayerParameters): Interceptor {
  const { sessions, clock } = parameters

  return async (exchange, next) => {
    carry(exchange, sessions.active().current() ?? (await enter(exchange)))
    const response = await next(exchange)
    if (response.status === 401) return renew(exchange, response, next)
    if (response.ok) sessions.active().serve(exchange)
    return response
  }

  async function enter(exchange: Exchange): Promise<Token | undefined> {
    const stored = await sessions.stored()
    if (stored) return stored
    if (parameters.signIn === 'never' || !(await parameters.signInFirst())) return undefined
    return signIn(exchange).catch((error) => {
      // A wallet that the gateway does not know yet: a 402 will say what it takes.
      if (error instanceof AuthenticationError) return undefined
      throw error
    })
  }

  async function renew(exchange: Exchange, refusal: Response, next: Send): Promise<Response> {
    clock.learn(refusal.headers)
    const active = sessions.active()
    const newest = await active.newest()
    let response = refusal
    if (newest && newest.jwt !== exchange.token?.jwt) {
      discard(response)
      carry(exchange, newest)
      response = await next(exchange)
      if (response.status !== 401) return response
    }
    const stale = exchange.token
    const standing = stale && (await active.evict(stale))
    const token = standing ?? (await signIn(exchange))
    if (!token && !stale) return response
    discard(response)
    carry(exchange, token)
    const last = await next(exchange)
    if (last.status === 401 && token) await active.distrust()
    return last
  }

  /** A new token; undefined where the gateway has no sign-in endpoint. */
  async function signIn(exchange: Exchange): Promise<Token | undefined> {
    if (parameters.signIn === 'never') return undefined
    try {
      return await sessions.active().signIn(exchange.signal)
    } catch (error) {
      if (isARouterError(error, 'sign_in_unavailable')) return undefined
      throw error
    }
  }
}
