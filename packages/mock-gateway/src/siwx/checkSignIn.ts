import { isAddress as isSolanaAddress } from '@solana/kit'
import { isAddress as isEvmAddress } from 'viem'
import type { Chain } from '../chain/Chain'
import type { GatewayClock } from '../clock'
import { createFading } from '../fading'
import { invalidRequest, unauthenticated } from '../http/GatewayError'
import { objectFromBase64 } from '../http/jsonObject'
import type { SiwxOptions } from '../options'
import type { SiwxMessage } from './parseSiwxMessage'
import { parseSiwxMessage } from './parseSiwxMessage'
import { parseSiwxPayload } from './parseSiwxPayload'

/** The extension `sign-in-with-x` of a 402. */
export interface SignInOffer {
  readonly info: Readonly<Record<string, string>>
  readonly supportedChains: readonly { readonly chainId: string; readonly type: string }[]
  readonly schema: Readonly<Record<string, unknown>>
}

/** Checks SIGN-IN-WITH-X headers, gives out nonces, and remembers those that were used. */
export interface SignInDesk {
  /** The address that signed. Throws 400 for a malformed header, 401 for one that is not good. */
  check(header: string | null): Promise<string>
  /** The same for the x402 extension on a request for `url`. */
  checkOn(url: URL, header: string): Promise<string>
  /** A sign-in for `url` with a new nonce, as a 402 offers it. */
  offer(url: URL): SignInOffer
  reset(): void
}

const WINDOW_MS = 5 * 60 * 1000
const STATEMENT = 'Sign in to spend your credit'

/** What a desk is made of: `hosts` is where the gateway is known. */
export interface SignInDeskParts {
  readonly chains: readonly Chain[]
  readonly clock: GatewayClock
  readonly hosts: ReadonlySet<string>
  readonly rules: Required<SiwxOptions>
}

/** A desk that holds sign-ins to its rules. */
export function createSignInDesk({ chains, clock, hosts, rules }: SignInDeskParts): SignInDesk {
  // A message is good for five minutes on either side of its issue.
  const until = () => clock.now() + 2 * WINDOW_MS
  const givenNonces = createFading<number>(0, (end) => end <= clock.now())
  const usedNonces = createFading<number>(0, (end) => end <= clock.now())

  const assertFresh = ({ nonce }: SiwxMessage) => {
    if (rules.nonce === 'server' && !givenNonces.has(nonce)) {
      throw unauthenticated('the sign-in nonce is not one of ours')
    }
    if (rules.replay === 'reject' && usedNonces.has(nonce)) {
      throw unauthenticated('the sign-in nonce was used before')
    }
  }
  const assertCurrent = (fields: SiwxMessage) => {
    const now = clock.now()
    const { issuedAt, expirationTime, notBefore } = fields
    if (!hosts.has(fields.domain)) throw unauthenticated('the sign-in is for another domain')
    if (fields.version !== '1') throw unauthenticated('the sign-in has an unknown version')
    if (Math.abs(now - issuedAt) > WINDOW_MS) {
      throw unauthenticated('the sign-in was not issued within five minutes of now')
    }
    if (rules.expiry === 'required') {
      if (expirationTime === undefined) throw unauthenticated('the sign-in has no expiration')
      if (expirationTime - issuedAt > WINDOW_MS) {
        throw unauthenticated('the sign-in does not end within five minutes of its issue')
      }
    }
    if (expirationTime !== undefined && expirationTime <= now) {
      throw unauthenticated('the sign-in has expired')
    }
    if (notBefore !== undefined && notBefore > now) {
      throw unauthenticated('the sign-in is not valid yet')
    }
    assertFresh(fields)
  }
  const isSigned = async (fields: SiwxMessage, message: string, signature: string) => {
    const chain = chains.find(
      ({ network }) =>
        network.reference === fields.chainId &&
        (network.kind === 'evm') === (fields.chain === 'Ethereum'),
    )
    if (!chain) throw unauthenticated('the sign-in is for a chain that is not accepted')
    const { address } = fields
    const isAddress = chain.network.kind === 'evm' ? isEvmAddress : isSolanaAddress
    if (!isAddress(address)) throw unauthenticated('the sign-in address is not valid')
    return chain.isSigned(address, message, signature)
  }
  const admit = async (fields: SiwxMessage, message: string, signature: string) => {
    assertCurrent(fields)
    if (!(await isSigned(fields, message, signature))) {
      throw unauthenticated('the sign-in signature is not valid')
    }
    // Verification awaited: of two at once with one nonce, only the first may pass.
    assertFresh(fields)
    usedNonces.set(fields.nonce, until())
    return fields.address
  }

  return {
    check: async (header) => {
      if (!header) throw invalidRequest('SIGN-IN-WITH-X is missing')
      const envelope = objectFromBase64(header)
      const message = envelope?.message
      const signature = envelope?.signature
      if (typeof message !== 'string' || typeof signature !== 'string') {
        throw invalidRequest('SIGN-IN-WITH-X is not base64 of {"message","signature"}')
      }
      const fields = parseSiwxMessage(message)
      if (!fields) throw invalidRequest('the sign-in message is malformed')
      if (fields.uri !== `https://${fields.domain}/v1/x402/auth`) {
        throw unauthenticated('the sign-in is for another URI')
      }
      return admit(fields, message, signature)
    },
    checkOn: async (url, header) => {
      const payload = objectFromBase64(header)
      const signed = payload && parseSiwxPayload(payload)
      if (!signed) throw invalidRequest('SIGN-IN-WITH-X is not a sign-in-with-x payload')
      const { fields, message, signature } = signed
      if (!URL.canParse(fields.uri) || new URL(fields.uri).origin !== url.origin) {
        throw unauthenticated('the sign-in is for another URI')
      }
      return admit(fields, message, signature)
    },
    offer: (url) => {
      const nonce = crypto.randomUUID().replaceAll('-', '')
      givenNonces.set(nonce, until())
      const now = clock.now()
      return {
        info: {
          domain: url.host,
          uri: url.href,
          version: '1',
          nonce,
          issuedAt: new Date(now).toISOString(),
          expirationTime: new Date(now + WINDOW_MS).toISOString(),
          statement: STATEMENT,
        },
        supportedChains: chains.map(({ network }) => ({
          chainId: network.id,
          type: network.kind === 'evm' ? 'eip191' : 'ed25519',
        })),
        schema: { type: 'object' },
      }
    },
    reset: () => {
      givenNonces.clear()
      usedNonces.clear()
    },
  }
}
