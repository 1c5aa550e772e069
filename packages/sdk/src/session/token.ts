import { decodeBase64, parseObject } from '../encoding'
import type { Token } from '../exchange'

const LONGEST = 4_096
const JWT = /^[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/

/**
 * Reads a token that came with an answer to our payment or sign-in; undefined where it must not be
 * adopted: not three base64url parts (RFC 7519), over 4 KB, expired, or made out to another wallet.
 * Claims are read where they can be; a token whose claims are opaque is taken as it is.
 */
export function readToken(jwt: unknown, address: string, now: number): Token | undefined {
  if (typeof jwt !== 'string' || jwt.length > LONGEST) return undefined
  const payload = JWT.exec(jwt)?.[1]
  if (payload === undefined) return undefined
  const claims = parseObject(decodeBase64(payload)) ?? {}
  const subjects = [claims.sub, claims.wallet, claims.address, claims.wallet_address]
  if (subjects.some((subject) => isAnother(subject, address))) return undefined
  const { exp } = claims
  if (typeof exp !== 'number') return { jwt }
  return exp > now ? { jwt, expiresAt: exp } : undefined
}

const EVM = /^0x[0-9a-fA-F]{40}$/
const SOLANA = /^[1-9A-HJ-NP-Za-km-z]{43,44}$/

// Only what looks like an address can contradict ours: a subject may as well be a tenant's id.
function isAnother(subject: unknown, address: string): boolean {
  if (typeof subject !== 'string') return false
  const account = subject.slice(subject.lastIndexOf(':') + 1) // CAIP-10 and did:pkh end in it
  if (EVM.test(account)) return account.toLowerCase() !== address.toLowerCase()
  return SOLANA.test(account) && account !== address
}
