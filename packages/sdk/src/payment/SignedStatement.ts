import type { JsonObject } from '../encoding'

/** What a seller signed: an offer or a receipt (x402 extension `offer-receipt`). The signature was checked. */
export type SignedStatement = {
  /** Whose key signed it: a DID URL (JWS), or an address (EIP-712). */
  readonly signer: string
  /**
   * Who says that the key is the seller's: its own host (`did:web`), or that it is the address that is
   * paid. With `nobody` it proves nothing to who does not know the key.
   */
  readonly vouchedBy: 'origin' | 'payTo' | 'nobody'
  /** As the seller sent it, fit to be shown to others. */
  readonly statement: JsonObject
}
