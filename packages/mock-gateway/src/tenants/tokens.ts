import { errors, jwtVerify, SignJWT } from 'jose'
import type { GatewayClock } from '../clock'
import { createHistory } from '../history'
import type { Tenant } from './tenants'

/** Wallet tokens: JWTs, HS256, signed with a key made at start. */
export interface Tokens {
  /** A new token, never the same as an earlier one. */
  issue(tenant: Tenant): Promise<string>
  /** The tenant id a live token belongs to, or undefined. */
  tenantOf(token: string): Promise<string | undefined>
  /** The tokens that work now, oldest first. */
  sessions(): readonly Session[]
  /** Every token issued so far stops working. */
  expireAll(): void
  save(): SavedTokens
  load(saved: SavedTokens): void
}

/** What a token is good for. Times in milliseconds by the gateway's clock. */
export interface Session {
  readonly tenant: string
  readonly since: number
  readonly until: number
}

/** The key of tokens in base64, and which of them are live. */
export interface SavedTokens {
  readonly key: string
  readonly live: readonly (readonly [id: string, Session])[]
}

/** More than these are not alive at once: the oldest one ends. */
const MOST_LIVE = 100_000
/** Tokens whose signatures were checked. */
const MOST_SEEN = 10_000

/** Tokens that live `ttl` seconds by the gateway's clock. */
export function createTokens(clock: GatewayClock, ttl: number): Tokens {
  let key: Uint8Array = crypto.getRandomValues(new Uint8Array(32))
  const live = new Map<string, Session>()
  const issued = createHistory<string>(MOST_LIVE, (id) => live.delete(id))
  const keep = (id: string, session: Session) => {
    live.set(id, session)
    issued.add(id)
  }
  // A signature does not change: one that was good is not checked again.
  const idOf = new Map<string, string>()
  const seen = createHistory<string>(MOST_SEEN, (token) => idOf.delete(token))
  const verify = async (token: string): Promise<string | undefined> => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        currentDate: new Date(clock.now()),
      })
      if (payload.jti === undefined) return undefined
      idOf.set(token, payload.jti)
      seen.add(token)
      return payload.jti
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
  return {
    issue: async (tenant) => {
      const now = Math.floor(clock.now() / 1000)
      const id = crypto.randomUUID()
      keep(id, { tenant: tenant.id, since: now * 1000, until: (now + ttl) * 1000 })
      return new SignJWT({ tenant_id: tenant.id, key_id: tenant.keyId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(tenant.subject)
        .setIssuedAt(now)
        .setExpirationTime(now + ttl)
        .setJti(id)
        .sign(key)
    },
    tenantOf: async (token) => {
      const id = idOf.get(token) ?? (await verify(token))
      const session = id === undefined ? undefined : live.get(id)
      return session && session.until > clock.now() ? session.tenant : undefined
    },
    sessions: () => [...live.values()].filter(({ until }) => until > clock.now()),
    expireAll: () => live.clear(),
    save: () => ({ key: Buffer.from(key).toString('base64'), live: [...live] }),
    load: (saved) => {
      key = Buffer.from(saved.key, 'base64')
      for (const [id, session] of saved.live) keep(id, session)
    },
  }
}
