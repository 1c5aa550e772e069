import { isAddress as isSolanaAddress } from '@solana/kit'
import { isAddress as isEvmAddress } from 'viem'
import type { Chain } from '../chain/chains'
import { isEvmChain } from '../chain/chains'
import type { GatewayClock } from '../clock'
import { invalidRequest, unauthenticated } from '../http/GatewayError'
import { objectFromBase64 } from '../http/jsonObject'
import type { SiwxMessage } from './parseSiwxMessage'
import { parseSiwxMessage } from './parseSiwxMessage'
import { verifyEvmSignature } from './verifyEvmSignature'
import { verifySolanaSignature } from './verifySolanaSignature'

/** Checks SIGN-IN-WITH-X headers and remembers their nonces. */
export interface SignInDesk {
  /** The address that signed. Throws 400 for a malformed header, 401 for one that is not good. */
  check(header: string | null): Promise<string>
  reset(): void
}

const WINDOW_MS = 5 * 60 * 1000

/** A desk for the hosts the gateway is known by. */
export function createSignInDesk(
  chains: readonly Chain[],
  clock: GatewayClock,
  hosts: ReadonlySet<string>,
): SignInDesk {
  const usedNonces = new Set<string>()

  const assertCurrent = (fields: SiwxMessage) => {
    const now = clock.now()
    if (!hosts.has(fields.domain)) throw unauthenticated('the sign-in is for another domain')
    if (fields.uri !== `https://${fields.domain}/v1/x402/auth`) {
      throw unauthenticated('the sign-in is for another URI')
    }
    if (fields.version !== '1') throw unauthenticated('the sign-in has an unknown version')
    if (Math.abs(now - fields.issuedAt) > WINDOW_MS) {
      throw unauthenticated('the sign-in was not issued within five minutes of now')
    }
    if (fields.expirationTime !== undefined && fields.expirationTime <= now) {
      throw unauthenticated('the sign-in has expired')
    }
    if (fields.notBefore !== undefined && fields.notBefore > now) {
      throw unauthenticated('the sign-in is not valid yet')
    }
    if (usedNonces.has(fields.nonce)) throw unauthenticated('the sign-in nonce was used before')
  }
  const isSigned = async (fields: SiwxMessage, message: string, signature: string) => {
    const chain = chains.find(
      ({ network }) =>
        network.reference === fields.chainId &&
        (network.kind === 'evm') === (fields.chain === 'Ethereum'),
    )
    if (!chain) throw unauthenticated('the sign-in is for a chain that is not accepted')
    const { address } = fields
    if (isEvmChain(chain)) {
      if (!isEvmAddress(address)) throw unauthenticated('the sign-in address is not valid')
      return verifyEvmSignature(address, message, signature, chain.contractAt(address))
    }
    if (!isSolanaAddress(address)) throw unauthenticated('the sign-in address is not valid')
    return verifySolanaSignature(address, message, signature)
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
      assertCurrent(fields)
      if (!(await isSigned(fields, message, signature))) {
        throw unauthenticated('the sign-in signature is not valid')
      }
      // Verification awaited: of two at once with one nonce, only the first may pass.
      if (usedNonces.has(fields.nonce)) throw unauthenticated('the sign-in nonce was used before')
      usedNonces.add(fields.nonce)
      return fields.address
    },
    reset: () => usedNonces.clear(),
  }
}
