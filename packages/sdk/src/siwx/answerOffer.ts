import { decodeBytes, encodeBase64 } from '../encoding'
import { walletFailed } from '../walletFailed'
import { encodeBase58 } from './base58'
import { readOffer } from './offer'
import { prove } from './prove'
import type { SignInParameters } from './SignIn'

/**
 * `SIGN-IN-WITH-X` for a request to `url`, as the x402 extension has it, in answer to a 402 with this
 * `PAYMENT-REQUIRED` header; undefined where that offers no sign-in for this wallet's chain.
 * @throws as `readOffer` and `prove` do.
 */
export async function answerOffer(
  parameters: SignInParameters,
  header: string,
  url: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const offer = readOffer(header, parameters.base)
  const isEvm = parameters.signer.address.startsWith('0x')
  const chainId = `${isEvm ? 'eip155' : 'solana'}:${parameters.chainId}`
  if (!offer?.chains.includes(chainId)) return undefined
  const { origin, pathname } = new URL(url) // A query may hold the prompt, and is not signed.
  const { fields, signature } = await prove(parameters, origin + pathname, offer, signal)
  const signed = isEvm
    ? { type: 'eip191', signature }
    : { type: 'ed25519', signature: toBase58(signature) }
  return encodeBase64(JSON.stringify({ ...fields, version: '1', chainId, ...signed }))
}

// Wallets answer in standard base64; the extension writes Ed25519 signatures in base58.
function toBase58(signature: string): string {
  try {
    return encodeBase58(decodeBytes(signature))
  } catch (cause) {
    throw walletFailed(cause, 'sign in')
  }
}
