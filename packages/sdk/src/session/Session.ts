import { isObject } from '../encoding'
import { ARouterError, isARouterError, retell, unreadable } from '../errors'
import type { Exchange, Token } from '../exchange'
import { plainCause } from '../plainCause'
import type { answerOffer } from '../siwx/answerOffer'
import type { SignInParameters } from '../siwx/SignIn'
import type { Json, Store } from '../store/Store'
import type { distrust, renew } from './renew'
import { singleFlight } from './singleFlight'
import { readToken } from './token'

/** The session of one wallet at one origin: its token, wherever that came from, and its renewal. */
export type Session = {
  readonly address: string
  /** The token at hand, without asking the store. */
  readonly current: () => Token | undefined
  /** The token that stands in the store: another process may have renewed it. */
  readonly newest: () => Promise<Token | undefined>
  /** Takes a token from an answer to our own payment or sign-in, if it may be adopted. */
  readonly adopt: (jwt: unknown) => Promise<Token | undefined>
  /** Drops `token`, unless a newer one has taken its place: then resolves to that. */
  readonly evict: (token: Token) => Promise<Token | undefined>
  /**
   * Signs in with the wallet, once for all who ask at a time.
   * @throws as `authenticate` does, an error of its own for each caller.
   */
  readonly signIn: (signal: AbortSignal | undefined) => Promise<Token>
  /** Keeps a `PAYMENT-REQUIRED` header: a nonce it offers is used for the next sign-in. */
  readonly heed: (header: string) => void
  /**
   * `SIGN-IN-WITH-X` for one request to `url`, if a `PAYMENT-REQUIRED` header offers that.
   * @throws as `answerOffer` does.
   */
  readonly prove: (
    header: string,
    url: string,
    signal: AbortSignal | undefined,
  ) => Promise<string | undefined>
  /** Notes that a request with our token was served. */
  readonly serve: (exchange: Exchange) => void
  /** Which of the client's requests was the latest that was, and when it was sent: see Exchange. */
  readonly served: () => { readonly turn: number; readonly sentAt: number }
  /** Counts a token that was refused right after signing in as a sign-in that failed. */
  readonly distrust: () => Promise<void>
}

/** What it takes to sign in: rarely done, so it is loaded when first needed. */
export type SignInPart = {
  readonly answerOffer: typeof answerOffer
  readonly distrust: typeof distrust
  readonly renew: typeof renew
}

export type SessionParameters = SignInParameters & {
  readonly store: Store
  readonly loadSignIn: () => Promise<SignInPart>
  readonly onSignedIn: () => void
}

/** A token that states its end is renewed before it, off the hot path: by at most this many seconds. */
const AHEAD_S = 30

type Outcome = { readonly token: Token } | { readonly error: ARouterError }

export function createSession(parameters: SessionParameters): Session {
  const { base, clock, store, signer } = parameters
  const { address } = signer
  const key = `session/${base.origin}/${address}`
  const flight = singleFlight<Outcome>()
  let cached: Token | undefined
  let renewAt = Number.POSITIVE_INFINITY
  let unavailable: ARouterError | undefined
  let served = { turn: 0, sentAt: 0 }
  let heeded: string | null = null

  const hold = (token: Token | undefined) => {
    cached = token
    const ends = token?.expiresAt ?? Number.POSITIVE_INFINITY
    renewAt = ends - Math.min(AHEAD_S, (ends - clock.now()) / 10)
    return token
  }

  const adopt = async (jwt: unknown) => {
    const token = readToken(jwt, address, clock.now())
    if (!token) return undefined
    hold(token) // First: what was bought can be used here even where the store fails.
    await store.update(key, () => ({ v: 1, jwt: token.jwt, exp: token.expiresAt ?? null }))
    return token
  }

  // A nonce is good for one sign-in.
  const takeHeeded = () => {
    const header = heeded
    heeded = null
    return header
  }

  const attempt = async (signal: AbortSignal): Promise<Outcome> => {
    if (unavailable) return { error: unavailable }
    try {
      const { renew } = await parameters.loadSignIn()
      return { token: await renew(parameters, adopt, takeHeeded, signal) }
    } catch (cause) {
      const error = isARouterError(cause) ? cause : failed(cause)
      if (error.code === 'sign_in_unavailable') unavailable = error
      return { error }
    }
  }

  const signIn = async (signal: AbortSignal | undefined) => {
    const outcome = await flight(signal, attempt)
    if ('token' in outcome) return outcome.token
    throw retell(outcome.error)
  }

  const renewAhead = () => {
    renewAt = Number.POSITIVE_INFINITY
    if (signer.interactive) return // A person is not asked for a signature nobody needs yet.
    signIn(undefined).catch(() => undefined) // The token still holds: the next 401 will tell.
  }

  return {
    address,
    current: () => {
      if (cached?.expiresAt === undefined) return cached
      const now = clock.now()
      if (now >= cached.expiresAt) return undefined
      if (now >= renewAt) renewAhead()
      return cached
    },
    newest: async () => hold(readRecord(await store.get(key), key)),
    adopt,
    evict: async (token) => {
      const left = await store.update(key, (now) =>
        readRecord(now, key)?.jwt === token.jwt ? undefined : now,
      )
      return hold(readRecord(left, key))
    },
    signIn,
    heed: (header) => {
      heeded = header
    },
    prove: async (header, url, signal) => {
      const { answerOffer } = await parameters.loadSignIn()
      return answerOffer(parameters, header, url, signal)
    },
    serve: ({ turn, sentAt }) => {
      if (turn > served.turn) served = { turn, sentAt }
    },
    served: () => served,
    distrust: async () => (await parameters.loadSignIn()).distrust(parameters),
  }
}

function readRecord(value: Json | undefined, key: string): Token | undefined {
  if (value === undefined) return undefined
  if (!isObject(value) || value.v !== 1 || typeof value.jwt !== 'string') throw unreadable(key)
  return { jwt: value.jwt, expiresAt: typeof value.exp === 'number' ? value.exp : undefined }
}

function failed(cause: unknown): ARouterError {
  return new ARouterError(
    0,
    'sign_in_failed',
    'Signing in failed. Funds moved: no. Look at the cause.',
    { cause: plainCause(cause) },
  )
}
