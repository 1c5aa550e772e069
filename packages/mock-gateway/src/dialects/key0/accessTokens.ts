import { errors, jwtVerify, SignJWT } from 'jose'
import type { GatewayClock } from '../../clock'
import type { AccessGrant } from './Challenge'
import { key0Error } from './Key0Error'

/** What an access token says, beside its times. */
export type AccessClaims = Pick<
  AccessGrant,
  'requestId' | 'challengeId' | 'resourceId' | 'planId' | 'txHash'
>

/** The stock issuer: JWTs, HS256, signed with a key made at start. */
export interface AccessTokens {
  issue(claims: AccessClaims): Promise<string>
  /** The resource that a token is for. Throws 401 INVALID_REQUEST, or CHALLENGE_EXPIRED once it is over. */
  check(token: string): Promise<string>
  /** The key, for a file. */
  save(): Uint8Array
  load(key: Uint8Array): void
}

/** Tokens that live `ttl` seconds by the gateway's clock. */
export function createAccessTokens(clock: GatewayClock, ttl: number): AccessTokens {
  let key: Uint8Array = crypto.getRandomValues(new Uint8Array(32))
  return {
    issue: ({ requestId, challengeId, resourceId, planId, txHash }) => {
      const now = Math.floor(clock.now() / 1000)
      return new SignJWT({ resourceId, planId, txHash })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(requestId)
        .setJti(challengeId)
        .setIssuedAt(now)
        .setExpirationTime(now + ttl)
        .sign(key)
    },
    check: async (token) => {
      try {
        const currentDate = new Date(clock.now())
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], currentDate })
        return String(payload.resourceId)
      } catch (error) {
        if (error instanceof errors.JWTExpired) {
          throw key0Error('CHALLENGE_EXPIRED', 'the access token has expired', { status: 401 })
        }
        if (!(error instanceof errors.JOSEError)) throw error
        throw key0Error('INVALID_REQUEST', 'the access token is not valid', { status: 401 })
      }
    },
    save: () => key,
    load: (saved) => {
      key = saved
    },
  }
}
