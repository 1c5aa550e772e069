import type { GatewayClock } from '../clock'
import type { Base } from '../exchange'
import type { Runtime } from '../runtime'

/** Something that signs messages for an address: all that signing in takes. */
export type MessageSigner = {
  /** EIP-55 or base58. */
  readonly address: string
  /** Resolves to 0x-hex (EIP-191) or standard base64 (Ed25519). */
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<string>
  /** True where signing asks a person. */
  readonly interactive?: boolean
}

/** What a gateway answers to a sign-in. */
export type SIWxAuthResult = {
  readonly jwt: string
  readonly tenantId: string
  readonly keyId: string
}

export type SignInParameters = {
  readonly base: Base
  readonly runtime: Runtime
  readonly clock: GatewayClock
  readonly signer: MessageSigner
  /** CAIP-2 reference: the message's `Chain ID`. */
  readonly chainId: string
  readonly statement: string
  /** Milliseconds to the first byte. */
  readonly timeout: number
}
